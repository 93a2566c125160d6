//! Looking for fields in the binary form of a record without making it: the layout of
//! [`ContentForm`](crate::record::ContentForm) in
//! [postcard](https://postcard.jamesmunns.com/wire-format).

use std::cmp::Ordering;

use crate::encoding::{self, DecodeError};
use crate::value::Value;

type Result<T> = std::result::Result<T, DecodeError>;

/// A stamp: a reading and a device of eight bytes each.
const STAMP_BYTES: usize = 16;

struct Scanner<'a> {
    rest: &'a [u8],
}

impl<'a> Scanner<'a> {
    fn number(&mut self) -> Result<u32> {
        // Nearly all are of one byte.
        if let [byte @ ..0x80, rest @ ..] = self.rest {
            self.rest = rest;
            return Ok(u32::from(*byte));
        }
        let (number, rest) = encoding::take(self.rest)?;
        self.rest = rest;
        Ok(number)
    }

    fn length(&mut self) -> Result<usize> {
        usize::try_from(self.number()?).map_err(|_| DecodeError)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(DecodeError)?;
        self.rest = rest;
        Ok(taken)
    }

    fn text(&mut self) -> Result<&'a [u8]> {
        let length = self.length()?;
        self.take(length)
    }

    fn skip_numbers(&mut self) -> Result<()> {
        for _ in 0..self.length()? {
            self.number()?;
        }
        Ok(())
    }

    fn skip_register(&mut self) -> Result<()> {
        for _ in 0..self.length()? {
            self.skip_version()?;
        }
        self.skip_numbers()
    }

    /// The index of a stamp, and whether a person or a machine wrote.
    fn skip_origin(&mut self) -> Result<()> {
        self.number()?;
        self.number().map(drop)
    }

    fn skip_version(&mut self) -> Result<()> {
        self.skip_origin()?;
        match self.number()? {
            0 => Ok(()),
            1 => self.take(1).map(drop),
            2 => {
                let (_, rest) = encoding::take::<i64>(self.rest)?;
                self.rest = rest;
                Ok(())
            }
            3 | 4 => self.text().map(drop),
            _ => Err(DecodeError),
        }
    }

    /// The value of a register's first version, which is the one that counts.
    fn register_value(&mut self) -> Result<Value> {
        let versions = self.length()?;
        let mut value = Value::Nothing;
        for number in 0..versions {
            if number > 0 {
                self.skip_version()?;
            } else {
                self.skip_origin()?;
                (value, self.rest) = encoding::take(self.rest)?;
            }
        }
        self.skip_numbers()?;
        Ok(value)
    }
}

/// Finds fields in a record's content; both are in the order of their names.
pub(super) fn peek(content: &[u8], names: &[&str], values: &mut [Value]) -> Result<()> {
    let mut scanner = Scanner { rest: content };
    let stamps = scanner.length()?;
    scanner.take(stamps.checked_mul(STAMP_BYTES).ok_or(DecodeError)?)?;
    let mut wanted = names.iter().zip(values).peekable();
    for _ in 0..scanner.length()? {
        let name = scanner.text()?;
        while wanted
            .next_if(|(wanted, _)| wanted.as_bytes() < name)
            .is_some()
        {}
        match wanted.peek().map(|(wanted, _)| wanted.as_bytes().cmp(name)) {
            None => return Ok(()),
            Some(Ordering::Equal) => {
                let value = scanner.register_value()?;
                if let Some((_, place)) = wanted.next() {
                    *place = value;
                }
            }
            Some(_) => scanner.skip_register()?,
        }
    }
    Ok(())
}
