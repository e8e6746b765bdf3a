//! What parsers are tested with: the files of the folder that is called like the parser, one input each or one in each line, and
//! random changes of them. An input that once broke something is added there and stays.
//!
//! More cases than in an ordinary run: `CORPUS_CASES=1000000 cargo test mutation`.

use std::path::Path;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::Config;

/// Cases of an ordinary run: a second or two for each parser.
const CASES: u32 = 10_000;

/// What has a meaning somewhere.
const WORDS: [&[u8]; 24] = [
    b"\n",
    b"\0",
    b" ",
    b"/",
    b"\\",
    b"..",
    b"%2e",
    b"%",
    b"\"",
    b"'",
    b"[",
    b"]",
    b"{",
    b"}",
    b":",
    b",",
    b"=",
    b"-1",
    b"18446744073709551615",
    b"1e400",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xe2\x80\xa8",
    b"__proto__",
];

/// How many cases to run.
pub fn config() -> Config {
    let cases = std::env::var("CORPUS_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// The inputs that are kept for a parser. Those in files whose names end in `.txt` are one to a line.
///
/// # Panics
/// When there are none.
pub fn kept(parser: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(parser);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    let mut inputs = Vec::new();
    for file in files {
        let bytes = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        if file.extension().is_some_and(|extension| extension == "txt") {
            inputs.extend(bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec));
        } else {
            inputs.push(bytes);
        }
    }
    assert!(!inputs.is_empty(), "nothing in {}", folder.display());
    inputs
}

/// One of the kept inputs of a parser, changed at random.
pub fn mutated(parser: &str) -> impl Strategy<Value = Vec<u8>> {
    mutation_of(kept(parser))
}

/// One of these inputs, changed at random.
pub fn mutation_of(inputs: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let others = inputs.clone();
    let change =
        (0_u8..7, any::<Index>(), any::<Index>(), any::<u8>(), select(WORDS.to_vec()), select(others));
    (select(inputs), prop::collection::vec(change, 0..8)).prop_map(|(mut input, changes)| {
        for (kind, from, to, byte, word, other) in changes {
            let place = |index: &Index, length: usize| index.index(length + 1);
            let (from, to) = (place(&from, input.len()), place(&to, input.len()));
            let range = from.min(to)..from.max(to);
            match kind {
                0 => input.insert(from, byte),
                1 => input.splice(from..from, word.iter().copied()).for_each(drop),
                2 => input.drain(range).for_each(drop),
                3 => {
                    if let Some(at) = input.get_mut(from) {
                        *at ^= 1 << (byte % 8);
                    }
                }
                4 => {
                    let again = input[range].to_vec();
                    input.splice(to..to, again).for_each(drop);
                }
                5 => input.truncate(from),
                _ => {
                    let cut = from.min(other.len());
                    input.splice(from.., other[cut..].iter().copied()).for_each(drop);
                }
            }
        }
        input
    })
}
