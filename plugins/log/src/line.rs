//! One line of the log out of whatever a page has to say. Nothing in it looks like another line, or moves what is read on a terminal.

/// The longest line, in bytes. What is longer is cut off, and says so.
pub const LONGEST: usize = 8 * 1024;

/// A message as a line that is marked as the page's.
pub fn of(message: &str) -> String {
    let mut line = String::from("page: ");
    for (at, character) in message.char_indices() {
        if line.len() >= LONGEST {
            line.push_str(&format!("… ({} bytes more)", message.len() - at));
            break;
        }
        match character {
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            _ if is_unruly(character) => line.extend(character.escape_unicode()),
            _ => line.push(character),
        }
    }
    line
}

/// What controls a terminal, breaks lines, or turns the direction of what is read, rather than being read.
fn is_unruly(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_stays_as_it_is_and_says_whose_it_is() {
        assert_eq!(of("Größe: 3 \\ 4 \"€\" 😀"), "page: Größe: 3 \\ 4 \"€\" 😀");
        assert_eq!(of(""), "page: ");
    }

    #[test]
    fn no_message_makes_a_line_of_its_own_or_a_colour() {
        assert_eq!(of("a\n2026-01-01 ERROR host: b\r\n\tc"), "page: a\\n2026-01-01 ERROR host: b\\r\\n\\tc");
        assert_eq!(of("\u{1b}[2J\u{7}\0"), "page: \\u{1b}[2J\\u{7}\\u{0}");
        let line = of("\u{85}\u{2028}\u{2029}\u{202e}\u{2066}\u{200f}\u{feff}\u{9b}\u{7f}");
        assert!(line.is_ascii() && !line.bytes().any(|byte| byte.is_ascii_control()), "{line:?}");
    }

    #[test]
    fn a_long_message_is_cut_between_characters_and_says_how_much_is_missing() {
        let line = of(&"€".repeat(1 << 20));
        assert!(line.len() < LONGEST + 40, "{}", line.len());
        let (shown, rest) = line.strip_prefix("page: ").unwrap().split_once('…').unwrap();
        assert_eq!(rest, format!(" ({} bytes more)", (3 << 20) - shown.len()));
        // What is written in another way is as long as it becomes.
        assert!(of(&"\u{202e}".repeat(1 << 20)).len() < LONGEST + 40);
    }

    #[test]
    fn a_message_of_just_that_length_is_whole() {
        let whole = "x".repeat(LONGEST - "page: ".len());
        assert_eq!(of(&whole), format!("page: {whole}"));
        assert!(of(&(whole + "y")).ends_with("… (1 bytes more)"));
    }
}
