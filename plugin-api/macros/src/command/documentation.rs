//! What a command's documentation says at first, and what it says besides.

use syn::{Attribute, Expr, Lit, Meta};

/// How a line begins that continues no sentence: a list, a heading, a quotation, a table, code.
const BLOCKS: [&str; 7] = ["- ", "* ", "1. ", "#", ">", "|", "```"];

/// The first sentences, as far as one ends with its line or a paragraph ends, and what follows them.
pub fn documentation(attributes: &[Attribute]) -> (String, String) {
    let lines: Vec<String> = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
                Expr::Lit(literal) => match &literal.lit {
                    Lit::Str(text) => Some(text.value()),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        })
        // A comment of several lines is one text.
        .flat_map(|text| text.split('\n').map(str::to_owned).collect::<Vec<_>>())
        // Behind the three slashes stands a space that belongs to nothing.
        .map(|line| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned())
        .skip_while(|line| line.trim().is_empty())
        .collect();
    let count = 1 + lines.windows(2).take_while(|two| goes_on(&two[0], &two[1])).count();
    let (first, more) = lines.split_at(count.min(lines.len()));
    let first: Vec<&str> = first.iter().map(|line| line.trim()).collect();
    (first.join(" "), more.join("\n").trim_matches('\n').to_owned())
}

/// Whether a line's last sentence continues in the next one.
fn goes_on(line: &str, next: &str) -> bool {
    let next = next.trim_start();
    !line.trim_end_matches([')', '`', '"', '*']).ends_with(['.', '!', '?', ':'])
        && !next.is_empty()
        && !BLOCKS.iter().any(|block| next.starts_with(block))
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn read(lines: &[&str]) -> (String, String) {
        let attributes: Vec<Attribute> = lines.iter().map(|line| parse_quote!(#[doc = #line])).collect();
        documentation(&attributes)
    }

    fn parts(first: &str, more: &str) -> (String, String) {
        (first.to_owned(), more.to_owned())
    }

    #[test]
    fn a_sentence_ends_with_its_line() {
        assert_eq!(read(&[" Adds."]), parts("Adds.", ""));
        assert_eq!(read(&["", " Adds.", " Slowly.", "", " At last."]), parts("Adds.", "Slowly.\n\nAt last."));
        assert_eq!(read(&[]), parts("", ""));
        assert_eq!(read(&["", " "]), parts("", ""));
    }

    #[test]
    fn a_sentence_of_several_lines_is_one() {
        assert_eq!(
            read(&[" Adds what is", " given. Then it", " ends.", " More."]),
            parts("Adds what is given. Then it ends.", "More.")
        );
        assert_eq!(
            read(&[" Adds (slowly)", " and ends. (See `that`.)", " More."]).0,
            "Adds (slowly) and ends. (See `that`.)"
        );
        assert_eq!(read(&["Adds\n  numbers\n\nMore."]), parts("Adds numbers", "More."));
    }

    #[test]
    fn a_line_without_a_full_stop_ends_with_its_paragraph() {
        assert_eq!(read(&[" Adds", "", " More."]), parts("Adds", "More."));
        assert_eq!(read(&[" Adds", " - one", " - two"]), parts("Adds", "- one\n- two"));
        assert_eq!(read(&[" Adds", " ```text", "   x", " ```"]), parts("Adds", "```text\n  x\n```"));
    }
}
