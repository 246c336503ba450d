//! What stands on the pages of a PDF, as a reader and a scanner see it: by the programs of poppler-utils, which
//! `./check` installs.

use std::path::Path;
use std::process::Command;

use crate::folder::TempFolder;

/// The words of every page, in lines.
///
/// # Panics
/// When there is no `pdftotext`, or the file is no PDF.
pub fn words(pdf: &[u8]) -> Vec<String> {
    let folder = TempFolder::new();
    let text = folder.path().join("words");
    run("pdftotext", &["-layout", "-enc", "UTF-8"], pdf, &folder, &text);
    let text = std::fs::read_to_string(text).expect("the words are text");
    text.trim_end_matches('\u{c}').replace('\u{a0}', " ").split('\u{c}').map(str::to_owned).collect()
}

/// A kit number in the groups in which it is printed.
pub fn in_groups(kit: &str) -> String {
    let (first, rest) = kit.split_at(4);
    let (second, third) = rest.split_at(3);
    format!("{first} {second} {third}")
}

/// A page as it comes out of a printer.
pub struct Picture {
    width: usize,
    pixels: Vec<u8>,
}

/// Prints one page, counted from 1, with 300 points to an inch.
///
/// # Panics
/// When there is no `pdftoppm`, or the file is no PDF.
pub fn picture(pdf: &[u8], page: usize) -> Picture {
    let (folder, page) = (TempFolder::new(), page.to_string());
    let options = ["-gray", "-r", "300", "-singlefile", "-f", &page, "-l", &page];
    run("pdftoppm", &options, pdf, &folder, &folder.path().join("page"));
    let file = std::fs::read(folder.path().join("page.pgm")).expect("the page");
    let mut words = file.splitn(4, |byte| byte.is_ascii_whitespace());
    assert_eq!(words.next(), Some(&b"P5"[..]), "a picture in grey");
    let width = number(words.next());
    let height = number(words.next());
    let rest = words.next().expect("the pixels").strip_prefix(b"255\n").expect("eight bits a pixel");
    assert_eq!(rest.len(), width * height);
    Picture { width, pixels: rest.to_vec() }
}

fn number(word: Option<&[u8]>) -> usize {
    let word = std::str::from_utf8(word.expect("a number")).expect("digits");
    word.parse().expect("a number")
}

fn run(program: &str, options: &[&str], pdf: &[u8], folder: &TempFolder, to: &Path) {
    let from = folder.path().join("file.pdf");
    std::fs::write(&from, pdf).expect("the file is written");
    let done = Command::new(program).args(options).arg(&from).arg(to).output();
    let done = done.unwrap_or_else(|error| panic!("{program} of poppler-utils is needed: {error}"));
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success() && said.is_empty(), "{program}: {said}");
}

impl Picture {
    fn is_dark(&self, x: usize, y: usize) -> bool {
        self.pixels[y * self.width + x] < 128
    }

    /// The modules of the code in the upper right corner of the page: what is dark within so many thousandths of
    /// its width and height, out of so many modules a side.
    ///
    /// # Panics
    /// When nothing is dark there.
    pub fn modules(&self, part: (usize, usize), side: usize) -> Vec<bool> {
        let height = self.pixels.len() / self.width;
        let left = self.width * (1000 - part.0) / 1000;
        let inside = (0..height * part.1 / 1000).flat_map(|y| (left..self.width).map(move |x| (x, y)));
        let dark: Vec<(usize, usize)> = inside.filter(|(x, y)| self.is_dark(*x, *y)).collect();
        let edge = |at: fn(&(usize, usize)) -> usize| {
            let all = dark.iter().map(at);
            (all.clone().min().expect("a code"), all.max().expect("a code") + 1)
        };
        let ((x0, x1), (y0, y1)) = (edge(|(x, _)| *x), edge(|(_, y)| *y));
        let middle =
            |from: usize, to: usize, module: usize| from + (to - from) * (2 * module + 1) / (2 * side);
        let rows = (0..side).flat_map(|row| (0..side).map(move |column| (row, column)));
        rows.map(|(row, column)| self.is_dark(middle(x0, x1, column), middle(y0, y1, row))).collect()
    }
}
