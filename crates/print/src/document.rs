//! A PDF of pages with lines of text, rules and codes. Distances are in millimetres, from the upper left corner.

use std::collections::BTreeMap;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use crate::Unprintable;
use crate::font::{Font, Fonts, Line, Weight};

/// Points in a millimetre.
pub(crate) const MM: f32 = 72.0 / 25.4;

/// What is drawn on a page, or on all of them.
pub(crate) struct Drawing {
    content: Content,
    height: f32,
}

impl Drawing {
    /// An empty one for pages of this height.
    pub(crate) fn new(height: f32) -> Self {
        Self { content: Content::new(), height }
    }

    /// Draws a line of text with its left end at `x` and its baseline at `y`.
    pub(crate) fn text(&mut self, x: f32, y: f32, line: &Line) {
        let glyphs: Vec<u8> = line.glyphs.iter().flat_map(|(glyph, _)| glyph.to_be_bytes()).collect();
        self.content.begin_text();
        self.content.set_font(Name(resource(line.weight).as_bytes()), line.size);
        self.content.next_line(x * MM, (self.height - y) * MM);
        self.content.show(Str(&glyphs));
        self.content.end_text();
    }

    /// Draws a line of text large and pale, rising across the page, behind what is drawn after it.
    pub(crate) fn mark(&mut self, x: f32, y: f32, line: &Line) {
        let glyphs: Vec<u8> = line.glyphs.iter().flat_map(|(glyph, _)| glyph.to_be_bytes()).collect();
        let (sine, cosine) = (0.5, 0.866);
        self.content.save_state().set_fill_gray(0.88).begin_text();
        self.content.set_font(Name(resource(line.weight).as_bytes()), line.size);
        self.content.set_text_matrix([cosine, sine, -sine, cosine, x * MM, (self.height - y) * MM]);
        self.content.show(Str(&glyphs));
        self.content.end_text().restore_state();
    }

    /// Draws a thin line from `x` to `x + width` at `y`.
    pub(crate) fn rule(&mut self, x: f32, y: f32, width: f32) {
        self.filled(x, y, width, 0.15);
        self.content.fill_nonzero();
    }

    /// Draws a code with its upper left corner at `x` and `y`; `module` is the side of one module. Dark modules beside
    /// each other in a row are one rectangle, so that no printer leaves a gap between them.
    pub(crate) fn code(&mut self, x: f32, y: f32, module: f32, rows: &[Vec<bool>]) {
        let mut top = y;
        for row in rows {
            let mut left = x;
            for run in row.chunk_by(|one, next| one == next) {
                let width = run.iter().map(|_| module).sum();
                if run.contains(&true) {
                    self.filled(left, top, width, module);
                }
                left += width;
            }
            top += module;
        }
        self.content.fill_nonzero();
    }

    fn filled(&mut self, x: f32, y: f32, width: f32, height: f32) {
        let bottom = self.height - y - height;
        self.content.rect(x * MM, bottom * MM, width * MM, height * MM);
    }
}

fn resource(weight: Weight) -> &'static str {
    match weight {
        Weight::Regular => "R",
        Weight::Bold => "B",
    }
}

/// A document of pages of one size.
pub(crate) struct Document {
    pub(crate) fonts: Fonts,
    size: (f32, f32),
    used: BTreeMap<Weight, BTreeMap<u16, char>>,
    pdf: Pdf,
    next: i32,
    pages: Vec<Vec<Ref>>,
}

impl Document {
    /// An empty one.
    pub(crate) fn new(width: f32, height: f32) -> Result<Self, Unprintable> {
        let mut pdf = Pdf::new();
        pdf.set_version(1, 7);
        let (fonts, used) = (Fonts::load()?, BTreeMap::new());
        Ok(Self { fonts, size: (width, height), used, pdf, next: 1, pages: Vec::new() })
    }

    /// Remembers which glyphs are drawn.
    pub(crate) fn uses<'l>(&mut self, lines: impl IntoIterator<Item = &'l Line>) {
        for line in lines {
            self.used.entry(line.weight).or_default().extend(line.glyphs.iter().copied());
        }
    }

    /// Writes a drawing, which any number of pages can show.
    pub(crate) fn write(&mut self, drawing: Drawing) -> Ref {
        let id = self.id();
        self.pdf.stream(id, &drawing.content.finish());
        id
    }

    /// Adds a page that shows these drawings.
    pub(crate) fn page(&mut self, drawings: Vec<Ref>) {
        self.pages.push(drawings);
    }

    fn id(&mut self) -> Ref {
        let id = Ref::new(self.next);
        self.next += 1;
        id
    }

    /// The file. Nothing in it depends on when or where it was made.
    pub(crate) fn finish(mut self, title: &str, language: &str) -> Vec<u8> {
        let (catalog, tree, info) = (self.id(), self.id(), self.id());
        self.pdf.catalog(catalog).pages(tree).lang(TextStr(language));
        self.pdf.document_info(info).title(TextStr(title)).producer(TextStr("IWRS"));
        let used = std::mem::take(&mut self.used);
        let fonts: Vec<(Weight, Ref)> =
            used.iter().map(|(weight, glyphs)| (*weight, self.font(*weight, glyphs))).collect();
        let pages: Vec<(Ref, Vec<Ref>)> =
            std::mem::take(&mut self.pages).into_iter().map(|drawings| (self.id(), drawings)).collect();
        let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
        self.pdf.pages(tree).kids(pages.iter().map(|(id, _)| *id)).count(count);
        let (width, height) = self.size;
        for (id, drawings) in pages {
            let mut page = self.pdf.page(id);
            page.parent(tree).media_box(Rect::new(0.0, 0.0, width * MM, height * MM));
            page.contents_array(drawings);
            let mut resources = page.resources();
            let mut names = resources.fonts();
            for (weight, font) in &fonts {
                names.pair(Name(resource(*weight).as_bytes()), *font);
            }
        }
        self.pdf.finish()
    }

    /// Embeds a weight of the font, with what its glyphs mean, so that a text can be searched and read aloud.
    fn font(&mut self, weight: Weight, glyphs: &BTreeMap<u16, char>) -> Ref {
        let (id, descendant, descriptor) = (self.id(), self.id(), self.id());
        let (to_unicode, file) = (self.id(), self.id());
        let font = self.fonts.of(weight);
        let (name, system) = (Name(font.name().as_bytes()), identity());
        let mut composite = self.pdf.type0_font(id);
        composite.base_font(name).encoding_predefined(Name(b"Identity-H"));
        composite.descendant_font(descendant).to_unicode(to_unicode);
        composite.finish();
        let mut cid = self.pdf.cid_font(descendant);
        cid.subtype(CidFontType::Type2).base_font(name).system_info(system).font_descriptor(descriptor);
        cid.cid_to_gid_map_predefined(Name(b"Identity"));
        let mut widths = cid.widths();
        for glyph in glyphs.keys() {
            widths.consecutive(*glyph, [font.advance(*glyph)]);
        }
        widths.finish();
        cid.finish();
        describe(&mut self.pdf, descriptor, font, file);
        let mut meanings = UnicodeCmap::new(Name(b"Custom"), system);
        glyphs.iter().for_each(|(glyph, letter)| meanings.pair(*glyph, *letter));
        self.pdf.stream(to_unicode, &meanings.finish());
        embed(&mut self.pdf, file, font.bytes());
        id
    }
}

fn identity() -> SystemInfo<'static> {
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 }
}

fn describe(pdf: &mut Pdf, id: Ref, font: &Font, file: Ref) {
    let ([left, bottom, right, top], [ascent, descent, capitals]) = (font.bounds(), font.heights());
    let stem = if font.weight == Weight::Bold { 160.0 } else { 80.0 };
    let mut descriptor = pdf.font_descriptor(id);
    descriptor.name(Name(font.name().as_bytes())).flags(FontFlags::SYMBOLIC);
    descriptor.bbox(Rect::new(left, bottom, right, top)).italic_angle(0.0).ascent(ascent).descent(descent);
    descriptor.cap_height(capitals).stem_v(stem).font_file2(file);
}

fn embed(pdf: &mut Pdf, id: Ref, bytes: &[u8]) {
    let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
    pdf.stream(id, bytes).pair(Name(b"Length1"), length);
}
