//! Text in lines, and lines below each other.

use crate::Unprintable;
use crate::document::{Drawing, MM};
use crate::font::{Fonts, Line, Style};

/// From one baseline to the next, in sizes of the letters.
const LEADING: f32 = 1.2;

/// Breaks a text into lines of at most this width in millimetres, between words, and within a word that is longer.
pub(crate) fn wrap(
    fonts: &Fonts,
    style: Style,
    field: &str,
    text: &str,
    width: f32,
) -> Result<Vec<Line>, Unprintable> {
    let fits = |line: &Line| line.width <= width * MM;
    let (mut lines, mut last) = (Vec::new(), String::new());
    for word in text.split_ascii_whitespace() {
        let longer = if last.is_empty() { word.to_owned() } else { format!("{last} {word}") };
        if fits(&fonts.line(style, field, &longer)?) {
            last = longer;
            continue;
        }
        if !last.is_empty() {
            lines.push(fonts.line(style, field, &last)?);
        }
        last.clear();
        for letter in word.chars() {
            let longer = format!("{last}{letter}");
            if !last.is_empty() && !fits(&fonts.line(style, field, &longer)?) {
                lines.push(fonts.line(style, field, &last)?);
                last.clear();
            }
            last.push(letter);
        }
    }
    if !last.is_empty() {
        lines.push(fonts.line(style, field, &last)?);
    }
    Ok(lines)
}

/// What stands on a page so far, from the top down.
pub(crate) struct Column<'f> {
    fonts: &'f Fonts,
    /// The left edge and the width, in millimetres.
    pub(crate) left: f32,
    pub(crate) width: f32,
    /// How far down the next thing begins.
    pub(crate) y: f32,
    lines: Vec<(f32, f32, Line)>,
    rules: Vec<(f32, f32, f32)>,
}

impl<'f> Column<'f> {
    pub(crate) const fn new(fonts: &'f Fonts, left: f32, width: f32, y: f32) -> Self {
        Self { fonts, left, width, y, lines: Vec::new(), rules: Vec::new() }
    }

    /// Leaves some room.
    pub(crate) fn gap(&mut self, height: f32) {
        self.y += height;
    }

    /// A rule over the whole width, at the height of the next thing.
    pub(crate) fn rule(&mut self) {
        self.rules.push((self.left, self.y, self.width));
    }

    /// A short rule to write on, at a height that is given.
    pub(crate) fn short_rule(&mut self, x: f32, y: f32, width: f32) {
        self.rules.push((x, y, width));
    }

    /// A text over the whole width, in as many lines as it takes.
    pub(crate) fn text(&mut self, style: Style, field: &str, text: &str) -> Result<(), Unprintable> {
        for line in wrap(self.fonts, style, field, text, self.width)? {
            self.y += LEADING * style.size / MM;
            // The baseline, so that what hangs below it is within the line.
            self.lines.push((self.left, self.y - 0.22 * style.size / MM, line));
        }
        Ok(())
    }

    /// The width of a line in millimetres.
    pub(crate) fn width_of(&self, style: Style, field: &str, text: &str) -> Result<f32, Unprintable> {
        Ok(self.fonts.line(style, field, text)?.width / MM)
    }

    /// One line with its baseline where it is given, which must not be wider than this.
    pub(crate) fn at(
        &mut self,
        (x, y, width): (f32, f32, f32),
        style: Style,
        field: &str,
        text: &str,
    ) -> Result<(), Unprintable> {
        let line = self.fonts.line(style, field, text)?;
        if line.width > width * MM {
            return Err(Unprintable::TooLong { field: field.to_owned() });
        }
        self.lines.push((x, y, line));
        Ok(())
    }

    /// The lines, and the drawing of all that is here, for a page of this height.
    pub(crate) fn draw(self, height: f32) -> (Vec<Line>, Drawing) {
        let mut drawing = Drawing::new(height);
        for (x, y, width) in self.rules {
            drawing.rule(x, y, width);
        }
        let mut lines = Vec::new();
        for (x, y, line) in self.lines {
            drawing.text(x, y, &line);
            lines.push(line);
        }
        (lines, drawing)
    }
}

#[cfg(test)]
mod tests {
    use super::wrap;
    use crate::document::MM;
    use crate::font::{Fonts, Style};

    #[test]
    fn a_text_is_broken_between_words_and_a_long_word_within() {
        let fonts = Fonts::load().expect("the fonts of the crate");
        let lines = |text: &str, width| {
            let lines = wrap(&fonts, Style::regular(8.0), "text", text, width).expect("lines");
            assert!(lines.iter().all(|line| line.width <= width * MM));
            let said =
                |line: &crate::font::Line| line.glyphs.iter().map(|(_, letter)| letter).collect::<String>();
            lines.iter().map(said).collect::<Vec<_>>()
        };
        assert_eq!(lines("keep out of reach", 100.0), ["keep out of reach"]);
        assert_eq!(lines("keep  out of reach", 12.0), ["keep out", "of reach"]);
        assert_eq!(lines("an aaaaaaaaaaaa b", 8.0), ["an", "aaaaa", "aaaaa", "aa b"]);
        assert_eq!(lines("   ", 8.0), [""; 0]);
    }
}
