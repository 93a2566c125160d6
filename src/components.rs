//! Reusable view: values and signals come in, callbacks go out.
//!
//! Nothing here knows where data come from or where acts lead. Looks are in `style/`, one file per
//! component of the same name.

#![expect(
    unreachable_pub,
    reason = "the component macro wraps each function in another of the same visibility"
)]

mod banner;
mod confirm;
mod csv_table;
mod day_tabs;
mod empty_state;
mod failure_notice;
mod icon;
mod live_region;
mod markdown;
mod material_row;
mod note_mark;
mod note_row;
mod panes;
mod qr_code;
mod sample_label;
mod session_card;
mod sheet;
mod shell;
mod size_text;
mod state_chip;
mod translated_text;
mod undo_bar;

pub use banner::{Banner, BannerKind};
pub use confirm::Confirm;
pub use csv_table::CsvTable;
pub use day_tabs::{DayTab, DayTabs};
pub use empty_state::EmptyState;
pub use failure_notice::FailureNotice;
pub use icon::{Icon, IconName};
pub use live_region::LiveRegion;
pub use markdown::{
    Evidence, Markdown, Pictures, escaped, evidence, evidence_words, markdown_html,
};
pub use material_row::{MaterialRow, MaterialRowView};
pub use note_mark::{NoteMark, NoteState};
pub use note_row::{NoteRow, NoteRowView};
pub use panes::Panes;
pub use qr_code::QrCodeView;
pub use sample_label::SampleLabel;
pub use session_card::{NowLine, SessionCard, SessionCardView, SessionPhase};
pub use sheet::Sheet;
pub use shell::{AppShell, Place};
pub use size_text::SizeText;
pub use state_chip::{ChipState, StateChip};
pub use translated_text::{FallbackLabel, TranslatedText};
pub use undo_bar::UndoBar;
