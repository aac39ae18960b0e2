//! Workbooks: `.xlsx` (and `.xlsm`, `.xlsb`) cell by cell in a stream, `.xls` and `.ods` whole,
//! as `calamine` reads them. Numbers come as they are stored, not as the sheet shows them:
//! no digit that only the display had lost, and no exponent.
//!
//! A workbook is a zip file: before anything is read its parts are unpacked once into
//! nothing, so that a small file that unpacks to gigabytes is refused by its true size.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
};

use calamine::{DataType, Ods, Reader, Xls, Xlsb, Xlsx};

use super::{super::source::InputFile, RowWriter};

/// The most that one part may unpack to, and all together.
const MOST_IN_MEMORY: u64 = 192 << 20;
const MOST: u64 = 1 << 30;
/// The longest old workbook, which is read whole.
const LONGEST_OLD: u64 = 128 << 20;
/// Columns beyond which no contact has any.
const MOST_COLUMNS: u32 = 500;

/// Writes the rows of the first sheet that has some.
///
/// # Errors
/// A sentence that reads on from the file's name.
pub(super) fn rows(source: &InputFile, rows: &mut RowWriter) -> Result<String, String> {
    let mut file = source.file();
    let mut mark = [0; 4];
    let failed = |error: io::Error| format!("cannot be read: {error}; nothing was stored");
    file.rewind().and_then(|()| file.read_exact(&mut mark)).map_err(failed)?;
    let again = |mut file: &File| -> Result<(), String> { file.rewind().map_err(failed) };
    if mark == *b"PK\x03\x04" {
        check_size(file)?;
        let names = parts(file)?;
        again(file)?;
        let has = |name: &str| names.iter().any(|it| it.eq_ignore_ascii_case(name));
        if has("xl/workbook.bin") {
            let mut book =
                Xlsb::new(BufReader::new(file)).map_err(|it| damaged(&it.to_string()))?;
            whole(&mut book, rows)
        } else if has("content.xml") {
            let mut book = Ods::new(BufReader::new(file)).map_err(|it| damaged(&it.to_string()))?;
            whole(&mut book, rows)
        } else if names.iter().any(|name| name.starts_with("xl/")) {
            let mut book =
                Xlsx::new(BufReader::new(file)).map_err(|it| damaged(&it.to_string()))?;
            streamed(&mut book, rows)
        } else {
            Err("is a zip file without a workbook in it; unpack it, then import the file".into())
        }
    } else {
        let length = file.seek(SeekFrom::End(0)).map_err(failed)?;
        if length > LONGEST_OLD {
            return Err(too_large(length));
        }
        again(file)?;
        match Xls::new(BufReader::new(file)) {
            Ok(mut book) => whole(&mut book, rows),
            Err(error) => {
                again(file)?;
                // A new workbook with a password is wrapped like an old one.
                let why = match Xlsx::new(BufReader::new(file)) {
                    Err(calamine::XlsxError::Password) => "password".into(),
                    Ok(_) | Err(_) => error.to_string(),
                };
                Err(damaged(&why))
            }
        }
    }
}

fn damaged(why: &str) -> String {
    if why.to_lowercase().contains("password") {
        return "is encrypted; save it without a password, then import it".into();
    }
    format!(
        "is a damaged workbook ({why}); open and save it again, or save the sheet as CSV (UTF-8)"
    )
}

fn too_large(bytes: u64) -> String {
    format!(
        "unpacks to more than {} MB, more than any list of contacts; save the sheet as CSV (UTF-8)",
        bytes >> 20
    )
}

/// Unpacks every part into nothing.
fn check_size(file: &File) -> Result<(), String> {
    let mut zip =
        zip::ZipArchive::new(BufReader::new(file)).map_err(|it| damaged(&it.to_string()))?;
    let mut all = 0;
    for at in 0..zip.len() {
        let part = zip.by_index(at).map_err(|it| damaged(&it.to_string()))?;
        // The sheets of .xlsx are streamed; every other part is read whole.
        let name = part.name().map_err(|it| damaged(&it.to_string()))?;
        let streamed = name.starts_with("xl/worksheets/") && name.ends_with(".xml");
        let most = if streamed { MOST } else { MOST_IN_MEMORY };
        let unpacked = io::copy(&mut part.take(most + 1), &mut io::sink())
            .map_err(|it| damaged(&it.to_string()))?;
        all += unpacked;
        if unpacked > most || all > MOST {
            return Err(too_large(most.min(all)));
        }
    }
    Ok(())
}

fn parts(file: &File) -> Result<Vec<String>, String> {
    let zip = zip::ZipArchive::new(BufReader::new(file)).map_err(|it| damaged(&it.to_string()))?;
    zip.file_names()
        .map(|name| name.map(std::borrow::Cow::into_owned).map_err(|it| damaged(&it.to_string())))
        .collect()
}

/// What the sheet was called, and of how many.
fn kind(sheet: &str, sheets: usize) -> String {
    if sheets == 1 {
        "a workbook".into()
    } else {
        format!("the sheet `{sheet}` of a workbook with {sheets}; save another as CSV to import it")
    }
}

const EMPTY: &str = "is a workbook without rows";

fn streamed(book: &mut Xlsx<BufReader<&File>>, rows: &mut RowWriter) -> Result<String, String> {
    let sheets = book.sheet_names();
    for sheet in &sheets {
        let mut cells =
            book.worksheet_cells_reader(sheet).map_err(|it| damaged(&it.to_string()))?;
        let (mut row, mut at): (Vec<String>, u32) = (Vec::new(), 0);
        let mut any = false;
        while let Some(cell) = cells.next_cell().map_err(|it| damaged(&it.to_string()))? {
            let (line, column) = cell.get_position();
            let text = text(cell.get_value());
            if text.is_empty() || column > MOST_COLUMNS {
                continue;
            }
            any = true;
            while at < line {
                write(rows, &row)?;
                row.clear();
                at += 1;
            }
            let column = usize::try_from(column).unwrap_or(0);
            row.resize(row.len().max(column + 1), String::new());
            row[column] = text;
        }
        if any {
            write(rows, &row)?;
            return Ok(kind(sheet, sheets.len()));
        }
    }
    Err(EMPTY.into())
}

fn whole<Book, In>(book: &mut Book, rows: &mut RowWriter) -> Result<String, String>
where
    In: Read + Seek,
    Book: Reader<In>,
    Book::Error: std::fmt::Display,
{
    let sheets = book.sheet_names();
    for sheet in &sheets {
        let range = book.worksheet_range(sheet).map_err(|it| damaged(&it.to_string()))?;
        let Some((first, left)) = range.start() else { continue };
        for _ in 0..first {
            write(rows, &[])?;
        }
        for cells in range.rows() {
            let before = (0..left.min(MOST_COLUMNS)).map(|_| String::new());
            let most = usize::try_from(MOST_COLUMNS).unwrap_or(0);
            let row: Vec<String> = before.chain(cells.iter().take(most).map(text)).collect();
            write(rows, &row)?;
        }
        return Ok(kind(sheet, sheets.len()));
    }
    Err(EMPTY.into())
}

fn write(rows: &mut RowWriter, row: &[String]) -> Result<(), String> {
    rows.row(row).map_err(|error| format!("cannot be kept for reading it twice: {error}"))
}

/// A cell as it is stored.
fn text(cell: &impl DataType) -> String {
    if let Some(number) = cell.get_float() {
        return number_text(number);
    }
    if let Some(number) = cell.get_int() {
        return number.to_string();
    }
    if let Some(text) = cell.get_string() {
        return text.to_owned();
    }
    if let Some(truth) = cell.get_bool() {
        return truth.to_string();
    }
    if let Some(error) = cell.get_error() {
        return error.to_string();
    }
    cell.as_string().unwrap_or_default()
}

/// A whole number with all its digits, as far as a spreadsheet keeps them (15).
fn number_text(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        format!("{number:.0}")
    } else if number.abs() >= 1e15 {
        // Digits are gone: the row is refused with the cure, as from a CSV file.
        format!("{number:.5E}").replace('E', "E+")
    } else {
        number.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_as_they_are_stored() {
        for (number, text) in [
            (919_876_543_210.0, "919876543210"),
            (447_911_123_123.0, "447911123123"),
            (0.5, "0.5"),
            (-3.0, "-3"),
        ] {
            assert_eq!(number_text(number), text);
        }
        assert!(number_text(1.234_567_890_123_456_7e18).contains("E+18"));
    }
}
