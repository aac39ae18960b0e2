//! The rows of an HTML table, which many web programs call `.xls`, and of Excel's XML of 2003.
//! The tokens and entities are `html5gum`'s; which cells are in which row is all that is left.

use std::io::{self, Read};

use html5gum::{IoReader, Token, Tokenizer};

use super::RowWriter;

/// The longest cell that is kept.
const LONGEST: usize = 4096;

/// Writes the rows.
///
/// # Errors
/// When the file fails.
pub(super) fn rows(text: &mut dyn Read, rows: &mut RowWriter) -> io::Result<String> {
    let mut found = Found::default();
    for token in Tokenizer::new(IoReader::new(text)) {
        match token? {
            Token::StartTag(tag) => {
                let index = tag
                    .attributes
                    .iter()
                    .find(|it| String::from_utf8_lossy(it.0).eq_ignore_ascii_case("ss:index"));
                let index = index.and_then(|(_, it)| String::from_utf8_lossy(it).parse().ok());
                found.open(&String::from_utf8_lossy(&tag.name).to_lowercase(), index, rows)?;
            }
            Token::EndTag(tag) => {
                found.close(&String::from_utf8_lossy(&tag.name).to_lowercase(), rows)?;
            }
            Token::String(text) => found.text(&String::from_utf8_lossy(&text)),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    found.close("tr", rows)?;
    Ok("an HTML table".into())
}

#[derive(Debug, Default)]
struct Found {
    row: Option<Vec<String>>,
    cell: Option<String>,
    /// Inside a style or a script, which is no text.
    hidden: bool,
}

impl Found {
    fn open(&mut self, tag: &str, index: Option<usize>, rows: &mut RowWriter) -> io::Result<()> {
        match tag {
            "tr" | "row" | "ss:row" => {
                self.close("tr", rows)?;
                self.row = Some(Vec::new());
            }
            "td" | "th" | "cell" | "ss:cell" => {
                self.end_cell();
                let row = self.row.get_or_insert_default();
                // Excel leaves empty cells out and says where the next one is.
                if let Some(index) = index.filter(|it| (1..=1000).contains(it)) {
                    row.resize(index.saturating_sub(1).max(row.len()), String::new());
                }
                self.cell = Some(String::new());
            }
            "br" | "p" | "div" => self.text(" "),
            "style" | "script" => self.hidden = true,
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, tag: &str, rows: &mut RowWriter) -> io::Result<()> {
        match tag {
            "td" | "th" | "cell" | "ss:cell" => self.end_cell(),
            "tr" | "row" | "ss:row" | "table" => {
                self.end_cell();
                if let Some(row) = self.row.take() {
                    rows.row(&row)?;
                }
            }
            "style" | "script" => self.hidden = false,
            _ => {}
        }
        Ok(())
    }

    fn end_cell(&mut self) {
        if let Some(cell) = self.cell.take() {
            let text = cell.split_whitespace().collect::<Vec<_>>().join(" ");
            self.row.get_or_insert_default().push(text);
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(cell) = self.cell.as_mut().filter(|it| !self.hidden && it.len() < LONGEST) {
            cell.push_str(text);
        }
    }
}
