//! The font, which is part of the file that is printed, so that it looks the same everywhere.

use ttf_parser::{Face, GlyphId};

use crate::Unprintable;

/// How heavy letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

const REGULAR: &[u8] = include_bytes!("../fonts/DejaVuSansCondensed.ttf");
const BOLD: &[u8] = include_bytes!("../fonts/DejaVuSansCondensed-Bold.ttf");

/// One weight of the font.
pub(crate) struct Font {
    pub(crate) weight: Weight,
    face: Face<'static>,
}

/// Both weights.
pub(crate) struct Fonts {
    regular: Font,
    bold: Font,
}

/// A line of text as it is drawn.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) weight: Weight,
    /// The size in points.
    pub(crate) size: f32,
    /// Each glyph with the letter that it stands for.
    pub(crate) glyphs: Vec<(u16, char)>,
    /// The width in points.
    pub(crate) width: f32,
}

impl Fonts {
    /// # Errors
    /// Never with the files that are in the crate, which a test reads.
    pub(crate) fn load() -> Result<Self, Unprintable> {
        Ok(Self { regular: Font::parse(Weight::Regular)?, bold: Font::parse(Weight::Bold)? })
    }

    pub(crate) const fn of(&self, weight: Weight) -> &Font {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    /// A line of text, in the order of its letters.
    pub(crate) fn line(&self, style: Style, field: &str, text: &str) -> Result<Line, Unprintable> {
        let Style { weight, size } = style;
        let font = self.of(weight);
        let mut line = Line { weight, size, glyphs: Vec::new(), width: 0.0 };
        for letter in text.chars() {
            let glyph = font.face.glyph_index(letter);
            let glyph = glyph.ok_or_else(|| Unprintable::Letter { field: field.to_owned(), letter })?;
            line.width += font.advance(glyph.0) * size / 1000.0;
            line.glyphs.push((glyph.0, letter));
        }
        Ok(line)
    }
}

/// Weight and size of a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) weight: Weight,
    /// In points.
    pub(crate) size: f32,
}

impl Style {
    pub(crate) const fn regular(size: f32) -> Self {
        Self { weight: Weight::Regular, size }
    }

    pub(crate) const fn bold(size: f32) -> Self {
        Self { weight: Weight::Bold, size }
    }
}

impl Font {
    fn parse(weight: Weight) -> Result<Self, Unprintable> {
        let face = Face::parse(file(weight), 0).map_err(|_bad| Unprintable::Font)?;
        Ok(Self { weight, face })
    }

    /// The file.
    pub(crate) const fn bytes(&self) -> &'static [u8] {
        file(self.weight)
    }

    /// The name under which a PDF knows it.
    pub(crate) const fn name(&self) -> &'static str {
        match self.weight {
            Weight::Regular => "DejaVuSansCondensed",
            Weight::Bold => "DejaVuSansCondensed-Bold",
        }
    }

    /// How far a glyph moves the pen, in thousandths of the size.
    pub(crate) fn advance(&self, glyph: u16) -> f32 {
        self.scaled(f32::from(self.face.glyph_hor_advance(GlyphId(glyph)).unwrap_or_default()))
    }

    /// The box around all glyphs: left, bottom, right, top, in thousandths of the size.
    pub(crate) fn bounds(&self) -> [f32; 4] {
        let all = self.face.global_bounding_box();
        [all.x_min, all.y_min, all.x_max, all.y_max].map(|edge| self.scaled(f32::from(edge)))
    }

    /// Ascent, descent and the height of capitals, in thousandths of the size.
    pub(crate) fn heights(&self) -> [f32; 3] {
        let capitals = self.face.capital_height().unwrap_or_default();
        [self.face.ascender(), self.face.descender(), capitals].map(|height| self.scaled(f32::from(height)))
    }

    fn scaled(&self, units: f32) -> f32 {
        units * 1000.0 / f32::from(self.face.units_per_em())
    }
}

const fn file(weight: Weight) -> &'static [u8] {
    match weight {
        Weight::Regular => REGULAR,
        Weight::Bold => BOLD,
    }
}

#[cfg(test)]
mod tests {
    use super::{Fonts, Style};
    use crate::Unprintable;

    #[test]
    fn latin_greek_and_cyrillic_can_be_printed_in_both_weights() {
        let fonts = Fonts::load().expect("the fonts of the crate");
        for style in [Style::regular(8.0), Style::bold(8.0)] {
            for text in
                ["Œuvre à 2 °C – 8 °C, n° 5 …", "Łódź, Ștefan, Ğ", "Φύλαξη μακριά", "Хранить в сухом месте №"]
            {
                let line = fonts.line(style, "text", text).expect("all letters");
                assert_eq!(line.glyphs.len(), text.chars().count());
                assert!(line.width > 10.0);
                assert!(line.glyphs.iter().all(|(glyph, _)| *glyph != 0), "no box: {text}");
            }
        }
    }

    #[test]
    fn a_letter_that_the_font_lacks_is_refused_with_its_field() {
        let fonts = Fonts::load().expect("the fonts of the crate");
        for letter in ['袋', 'ع', '😀', '\u{301}', '\n', '\u{202e}'] {
            let refused = fonts.line(Style::regular(8.0), "storage", &format!("a{letter}"));
            let expected = Unprintable::Letter { field: "storage".to_owned(), letter };
            assert_eq!(refused.expect_err("no such letter"), expected);
        }
    }
}
