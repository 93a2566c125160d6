//! Shortens the names by which the generated script and its wasm know each other.
//!
//! wasm-bindgen ends each with sixteen hexadecimal digits of a hash, which no compression can make
//! smaller: some four kilobytes for every phone. Only the wasm's import section is rewritten
//! (WebAssembly Core Specification, 5.5.5); all other bytes are copied.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use super::{files_below, read_text};

const HEADER_BYTES: usize = 8;
const IMPORT_SECTION: u8 = 2;
const HASH_DIGITS: usize = 16;

/// Shortens the names of each wasm that has a generated script beside it.
pub(super) fn shorten(folder: &Path) -> Result<()> {
    for name in files_below(folder)? {
        let Some(stem) = name.strip_suffix("_bg.wasm") else {
            continue;
        };
        let (wasm_file, script_file) = (folder.join(&name), folder.join(format!("{stem}.js")));
        if script_file.is_file() {
            let mut names = Names::default();
            let wasm = rewrite(&fs::read(&wasm_file)?, &mut names)
                .with_context(|| format!("cannot read the imports of {name}"))?;
            let script = names.in_script(&read_text(&script_file)?)?;
            fs::write(&wasm_file, wasm)?;
            fs::write(&script_file, script)?;
        }
    }
    Ok(())
}

/// Long names and the short ones that stand for them.
#[derive(Default)]
struct Names(Vec<(String, String)>);

impl Names {
    /// The short name, if the name ends with a hash.
    fn short(&mut self, name: &str) -> String {
        let Some((start, hash)) = name.rsplit_once('_') else {
            return name.to_owned();
        };
        let is_hash =
            hash.len() == HASH_DIGITS && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_hash {
            return name.to_owned();
        }
        if let Some((_, short)) = self.0.iter().find(|(long, _)| long == name) {
            return short.clone();
        }
        let short = format!("{start}_{:x}", self.0.len());
        self.0.push((name.to_owned(), short.clone()));
        short
    }

    /// The script with the short names. Each long name must occur in it.
    fn in_script(&self, script: &str) -> Result<String> {
        let distinct: HashSet<&str> = self.0.iter().map(|(_, short)| short.as_str()).collect();
        ensure!(
            distinct.len() == self.0.len(),
            "two imports would get one name"
        );
        let mut script = script.to_owned();
        for (long, short) in &self.0 {
            ensure!(script.contains(long), "the script does not offer `{long}`");
            ensure!(!script.contains(&format!("{short}:")), "`{short}` is taken");
            script = script.replace(long, short);
        }
        Ok(script)
    }
}

fn rewrite(wasm: &[u8], names: &mut Names) -> Result<Vec<u8>> {
    let header = wasm
        .get(..HEADER_BYTES)
        .filter(|header| header.starts_with(b"\0asm"));
    let header = header.context("this is no wasm")?;
    let mut reader = Reader {
        bytes: wasm,
        at: HEADER_BYTES,
    };
    let mut rewritten = header.to_vec();
    while reader.at < wasm.len() {
        let id = reader.byte()?;
        let length = reader.number()?;
        let section = reader.take(length)?;
        let section = if id == IMPORT_SECTION {
            imports(section, names)?
        } else {
            section.to_vec()
        };
        rewritten.push(id);
        push_number(&mut rewritten, section.len());
        rewritten.extend(section);
    }
    Ok(rewritten)
}

fn imports(section: &[u8], names: &mut Names) -> Result<Vec<u8>> {
    let mut reader = Reader {
        bytes: section,
        at: 0,
    };
    let mut rewritten = Vec::with_capacity(section.len());
    let count = reader.number()?;
    push_number(&mut rewritten, count);
    for _ in 0..count {
        let module = reader.name()?;
        let name = names.short(reader.name()?);
        for text in [module, name.as_str()] {
            push_number(&mut rewritten, text.len());
            rewritten.extend(text.bytes());
        }
        let kind_at = reader.at;
        reader.skip_kind()?;
        rewritten.extend(&section[kind_at..reader.at]);
    }
    Ok(rewritten)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let end = self.at.checked_add(length).context("too long")?;
        let taken = self.bytes.get(self.at..end).context("it ends too early")?;
        self.at = end;
        Ok(taken)
    }

    /// An unsigned number in LEB128.
    fn number(&mut self) -> Result<usize> {
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        bail!("a number is too long")
    }

    fn name(&mut self) -> Result<&'a str> {
        let length = self.number()?;
        Ok(std::str::from_utf8(self.take(length)?)?)
    }

    fn skip_kind(&mut self) -> Result<()> {
        match self.byte()? {
            // A function: its type.
            0 => drop(self.number()?),
            // A table: what it holds, then its limits.
            1 => {
                self.byte()?;
                self.skip_limits()?;
            }
            // A memory: its limits.
            2 => self.skip_limits()?,
            // A global: its type and whether it changes.
            3 => drop(self.take(2)?),
            // A tag: an attribute and its type.
            4 => {
                self.byte()?;
                self.number()?;
            }
            kind => bail!("there is an import of the unknown kind {kind}"),
        }
        Ok(())
    }

    fn skip_limits(&mut self) -> Result<()> {
        let has_maximum = self.byte()? & 1 == 1;
        self.number()?;
        if has_maximum {
            self.number()?;
        }
        Ok(())
    }
}

fn push_number(bytes: &mut Vec<u8>, mut number: usize) {
    loop {
        // The low seven bits.
        let low = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = "__wbg_now_63f67ad37e3739d2";

    /// A wasm with one type, two imports of it, and a section behind them.
    fn wasm() -> Vec<u8> {
        let mut imports = vec![2];
        for name in [LONG, "__wbindgen_start"] {
            imports.extend([3]);
            imports.extend(b"./a");
            imports.push(u8::try_from(name.len()).unwrap());
            imports.extend(name.bytes());
            imports.extend([0, 0]);
        }
        let mut wasm = b"\0asm\x01\0\0\0".to_vec();
        wasm.extend([1, 4, 1, 0x60, 0, 0]);
        wasm.push(IMPORT_SECTION);
        push_number(&mut wasm, imports.len());
        wasm.extend(imports);
        wasm.extend([0, 3, 1, b'x', 7]);
        wasm
    }

    #[test]
    fn hashes_go_from_both_sides_and_all_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (wasm_file, script_file) =
            (folder.path().join("a_bg.wasm"), folder.path().join("a.js"));
        fs::write(&wasm_file, wasm()).unwrap();
        fs::write(
            &script_file,
            format!("{{ {LONG}: f, __wbindgen_start: g }}"),
        )
        .unwrap();
        shorten(folder.path()).unwrap();
        let script = fs::read_to_string(&script_file).unwrap();
        assert_eq!(script, "{ __wbg_now_0: f, __wbindgen_start: g }");
        let short = fs::read(&wasm_file).unwrap();
        assert!(short.starts_with(b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0"));
        assert!(short.ends_with(&[0, 3, 1, b'x', 7]));
        assert_eq!(short.len(), wasm().len() - (HASH_DIGITS - 1));
        // What was written can be read again, and has nothing more to shorten.
        assert_eq!(rewrite(&short, &mut Names::default()).unwrap(), short);
    }

    #[test]
    fn a_script_that_does_not_fit_is_refused() {
        let mut names = Names::default();
        rewrite(&wasm(), &mut names).unwrap();
        assert!(names.in_script("{ other: f }").is_err());
        assert!(
            names
                .in_script(&format!("{{ __wbg_now_0: e, {LONG}: f }}"))
                .is_err()
        );
    }

    #[test]
    fn every_cut_of_a_wasm_is_refused_or_read_without_panic() {
        let whole = wasm();
        for length in 0..whole.len() {
            let _ = rewrite(&whole[..length], &mut Names::default());
        }
    }
}
