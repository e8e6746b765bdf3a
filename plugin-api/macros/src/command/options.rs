//! What stands in the brackets of `#[command(…)]`.

use std::time::Duration;

use syn::spanned::Spanned as _;
use syn::{Error, LitInt, LitStr, Result};

#[derive(Default)]
pub struct Options {
    pub main_thread: bool,
    pub rename: Option<LitStr>,
    pub deadline: Option<Duration>,
    pub concurrency: Option<u32>,
    pub dangerous: bool,
    pub internal: bool,
}

impl Options {
    pub fn parse(attribute: proc_macro2::TokenStream) -> Result<Self> {
        let mut options = Self::default();
        let mut dangerous_at = None;
        let mut concurrency_at = None;
        let parser = syn::meta::parser(|meta| {
            if meta.path.is_ident("main_thread") {
                options.main_thread = true;
            } else if meta.path.is_ident("dangerous") {
                options.dangerous = true;
                dangerous_at = Some(meta.path.span());
            } else if meta.path.is_ident("internal") {
                options.internal = true;
            } else if meta.path.is_ident("rename") {
                let name: LitStr = meta.value()?.parse()?;
                if name.value().is_empty() {
                    return Err(Error::new(name.span(), "a command's name is not empty"));
                }
                options.rename = Some(name);
            } else if meta.path.is_ident("deadline") {
                let text: LitStr =
                    meta.value()?.parse().map_err(|error| Error::new(error.span(), A_DEADLINE))?;
                options.deadline =
                    Some(duration(&text.value()).ok_or_else(|| Error::new(text.span(), A_DEADLINE))?);
            } else if meta.path.is_ident("concurrency") {
                let number: LitInt =
                    meta.value()?.parse().map_err(|error| Error::new(error.span(), A_NUMBER))?;
                let count: Option<u32> = number.base10_parse().ok();
                let count = count.filter(|count| *count > 0);
                options.concurrency = Some(count.ok_or_else(|| Error::new(number.span(), A_NUMBER))?);
                concurrency_at = Some(number);
            } else {
                return Err(meta.error(
                    "unknown option; there are `main_thread`, `rename = \"name\"`, `deadline = \"5s\"`, `concurrency = 1`, `dangerous` and `internal`",
                ));
            }
            Ok(())
        });
        syn::parse::Parser::parse2(parser, attribute)?;
        if let (true, Some(place)) = (options.internal, dangerous_at) {
            return Err(Error::new(
                place,
                "what is `internal` is called by no page, so nobody lists it; leave `dangerous` out",
            ));
        }
        match concurrency_at {
            Some(number) if options.main_thread => Err(Error::new(
                number.span(),
                "on the main thread commands run one at a time; leave `concurrency` out",
            )),
            _ => Ok(options),
        }
    }
}

const A_DEADLINE: &str =
    "a deadline is a whole number of `ms`, `s`, `min` or `h`, such as `deadline = \"5s\"`";
const A_NUMBER: &str = "say how many calls may run at a time: `concurrency = 1`, or more";

/// The longest deadline: a day, which nobody waits for.
const LONGEST: u64 = 24 * 60 * 60 * 1000;

fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|character: char| !character.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let unit = match unit.trim_start() {
        "ms" => 1,
        "s" => 1000,
        "min" => 60 * 1000,
        "h" => 60 * 60 * 1000,
        _ => return None,
    };
    let milliseconds = number.parse::<u64>().ok()?.checked_mul(unit)?;
    (1..=LONGEST).contains(&milliseconds).then(|| Duration::from_millis(milliseconds))
}
