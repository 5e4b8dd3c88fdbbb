//! A security as people read it: sections under headings, each figure next to its label, doubts below their figures.

use unicode_width::UnicodeWidthStr;

use crate::view::table::{Colour, Style, cut, painted};

/// Between two columns of figures, and between a label and its figure.
const GAP: usize = 4;
const LEAST: usize = 2;
/// Before the second line of a doubt.
const INDENT: &str = "    ";

/// A part of a page.
pub(crate) struct Section {
    pub(crate) heading: String,
    pub(crate) figures: Vec<Figure>,
}

/// A label and its value.
#[derive(Default)]
pub(crate) struct Figure {
    pub(crate) label: String,
    pub(crate) value: String,
    /// Of words, which begin under each other; numbers end under each other.
    pub(crate) is_text: bool,
    /// What is odd about it, in sentences; told once, below the first figure that it is about.
    pub(crate) doubts: Vec<String>,
    pub(crate) doubted: bool,
}

impl Figure {
    fn shown(&self) -> String {
        format!("{}{}", if self.doubted { "! " } else { "" }, self.value)
    }

    fn width(&self) -> usize {
        self.label.width() + LEAST + self.shown().width()
    }

    /// One line of this width, longer if it does not fit.
    fn line(&self, width: usize) -> String {
        let shown = self.shown();
        let used = self.label.width() + shown.width();
        format!("{}{}{shown}", self.label, " ".repeat(width.saturating_sub(used).max(LEAST)))
    }
}

/// The sections below each other, figures in two columns where the terminal is wide; `doubts` are about none of the figures.
pub(crate) fn draw(sections: &[Section], doubts: &[String], style: Style) -> String {
    let most = style.width.unwrap_or(usize::MAX);
    let numbers = || sections.iter().flat_map(|section| &section.figures).filter(|figure| !figure.is_text);
    let half = most.saturating_sub(GAP) / 2;
    let is_wide = style.width.is_some();
    let fits = |section: &Section| {
        is_wide && section.figures.iter().all(|figure| figure.is_text || figure.width() <= half)
    };
    let widest =
        |limit: usize| numbers().map(Figure::width).filter(|width| *width <= limit).max().unwrap_or_default();
    let (one, two) = (widest(most), widest(half));
    let mut canvas = Canvas { text: String::new(), style };
    let mut left = sections.iter().peekable();
    while let Some(section) = left.next() {
        if !canvas.text.is_empty() {
            canvas.text.push('\n');
        }
        let twin = left.next_if(|next| fits(section) && fits(next) && same_labels(section, next));
        match twin {
            Some(twin) => {
                let spaces = " ".repeat((two + GAP).saturating_sub(section.heading.width()));
                canvas.say(&format!("{}{spaces}{}", section.heading, twin.heading), Colour::Heading);
                for pair in section.figures.iter().zip(&twin.figures) {
                    canvas.figures(&[pair.0, pair.1], two);
                }
            }
            None => {
                canvas.say(&section.heading, Colour::Heading);
                let (texts, numbers): (Vec<&Figure>, Vec<&Figure>) =
                    section.figures.iter().partition(|figure| figure.is_text);
                let label = texts.iter().map(|figure| figure.label.width()).max().unwrap_or_default();
                for figure in texts {
                    canvas.words(figure, label + LEAST);
                }
                if fits(section) {
                    let (down, rest) = numbers.split_at(numbers.len().div_ceil(2));
                    for (place, figure) in down.iter().enumerate() {
                        let beside = rest.get(place).copied();
                        canvas.figures(&[*figure].into_iter().chain(beside).collect::<Vec<_>>(), two);
                    }
                } else {
                    numbers.iter().for_each(|figure| canvas.figures(&[*figure], one));
                }
            }
        }
    }
    if !doubts.is_empty() {
        canvas.text.push('\n');
    }
    doubts.iter().for_each(|doubt| canvas.say(&format!("! {doubt}"), Colour::Doubt));
    canvas.text
}

/// Whether two sections are of the same figures, as the results of a year and of a quarter are.
fn same_labels(one: &Section, other: &Section) -> bool {
    let labels =
        |section: &Section| section.figures.iter().map(|figure| figure.label.clone()).collect::<Vec<_>>();
    !one.figures.is_empty() && labels(one) == labels(other)
}

struct Canvas {
    text: String,
    style: Style,
}

impl Canvas {
    fn say(&mut self, line: &str, colour: Colour) {
        for line in cut(line, self.style.width.unwrap_or(usize::MAX)) {
            self.text.push_str(&self.style.paint(&line, colour));
            self.text.push('\n');
        }
    }

    /// A text behind its label; what does not fit continues below.
    fn words(&mut self, figure: &Figure, label: usize) {
        let room = self.style.width.unwrap_or(usize::MAX).saturating_sub(label).max(1);
        let shown = figure.shown();
        for (place, piece) in cut(&shown, room).iter().enumerate() {
            let label_here = if place == 0 { figure.label.as_str() } else { "" };
            let spaces = " ".repeat(label.saturating_sub(label_here.width()));
            self.text.push_str(&painted(&format!("{label_here}{spaces}{piece}"), self.style));
            self.text.push('\n');
        }
        self.doubts(figure);
    }

    /// Figures next to each other, and below them what is odd about them.
    fn figures(&mut self, figures: &[&Figure], width: usize) {
        let line = figures.iter().map(|figure| figure.line(width)).collect::<Vec<_>>().join(&" ".repeat(GAP));
        for line in cut(&line, self.style.width.unwrap_or(usize::MAX)) {
            self.text.push_str(&painted(&line, self.style));
            self.text.push('\n');
        }
        figures.iter().for_each(|figure| self.doubts(figure));
    }

    fn doubts(&mut self, figure: &Figure) {
        let room = self.style.width.unwrap_or(usize::MAX).saturating_sub(INDENT.len()).max(1);
        for doubt in &figure.doubts {
            for (place, piece) in cut(doubt, room).iter().enumerate() {
                let before = if place == 0 { "  ! " } else { INDENT };
                self.text.push_str(&self.style.paint(&format!("{before}{piece}"), Colour::Doubt));
                self.text.push('\n');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(label: &str, value: &str) -> Figure {
        Figure { label: label.to_owned(), value: value.to_owned(), ..Figure::default() }
    }

    fn page() -> Vec<Section> {
        let of = |heading: &str, figures| Section { heading: heading.to_owned(), figures };
        let odd = Figure {
            doubts: vec!["ROE is printed as 50%, but the page's other figures imply 49%".to_owned()],
            doubted: true,
            ..figure("roe", "50%")
        };
        vec![
            of(
                "Quote",
                vec![Figure { is_text: true, ..figure("company", "PINVESTE ON") }, figure("price", "R$ 5")],
            ),
            of("Indicators", vec![figure("pl", "8.00"), figure("pvp", "-"), odd]),
            of("Year", vec![figure("revenue", "R$ 1,000"), figure("income", "R$ -5")]),
            of("Quarter", vec![figure("revenue", "R$ 250"), figure("income", "R$ 7")]),
        ]
    }

    #[test]
    fn without_a_width_a_figure_is_a_line() {
        let text = draw(&page(), &["the page ends with its data".to_owned()], Style::default());
        let expected = "\
Quote
company  PINVESTE ON
price        R$ 5

Indicators
pl           8.00
pvp             -
roe         ! 50%
  ! ROE is printed as 50%, but the page's other figures imply 49%

Year
revenue  R$ 1,000
income      R$ -5

Quarter
revenue    R$ 250
income       R$ 7

! the page ends with its data
";
        assert_eq!(text, expected);
    }

    #[test]
    fn where_there_is_room_figures_are_in_two_columns_and_twins_side_by_side() {
        let style = Style { width: Some(40), ..Style::default() };
        let expected = "\
Quote
company  PINVESTE ON
price        R$ 5

Indicators
pl           8.00    roe         ! 50%
  ! ROE is printed as 50%, but the
    page's other figures imply 49%
pvp             -

Year                 Quarter
revenue  R$ 1,000    revenue    R$ 250
income      R$ -5    income       R$ 7
";
        assert_eq!(draw(&page(), &[], style), expected);
    }
}
