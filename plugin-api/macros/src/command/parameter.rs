//! What each parameter of a command is filled with.

use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Error, FnArg, Ident, Pat, Result, Type};

/// What a parameter is filled with.
pub enum Source {
    Context,
    State(Box<Type>),
    Cancellation,
    /// With the type of what it reports.
    Progress(Box<Type>),
    /// With the type of what it sends.
    Channel(Box<Type>),
    /// From the message; the type to decode, and whether the function takes it by reference.
    Argument {
        name: String,
        kind: Box<Type>,
        by_reference: bool,
    },
}

pub struct Parameter {
    pub slot: Ident,
    pub source: Source,
    pub written: String,
}

impl Parameter {
    pub fn parse(input: &FnArg) -> Result<Self> {
        let FnArg::Typed(typed) = input else {
            return Err(Error::new(
                input.span(),
                "a command is a free function; take the plugin's state as `State<'_, T>`",
            ));
        };
        let Pat::Ident(pattern) = &*typed.pat else {
            return Err(Error::new(
                typed.pat.span(),
                "a command's parameter is a plain name: the message is read by it",
            ));
        };
        if let Type::ImplTrait(_) = &*typed.ty {
            return Err(Error::new(
                typed.ty.span(),
                "a command takes a type of its own, not `impl Trait`: the page could not choose it",
            ));
        }
        let name = pattern.ident.unraw().to_string();
        let slot = format_ident!("slot_{}", name, span = pattern.ident.span());
        let written = text_of(&typed.ty);
        let source = Self::source(name, pattern.ident.span(), &typed.ty)?;
        Ok(Self { slot, source, written })
    }

    fn source(name: String, span: proc_macro2::Span, kind: &Type) -> Result<Source> {
        if let Type::Reference(reference) = kind {
            if reference.mutability.is_some() {
                return Err(Error::new(
                    kind.span(),
                    "a command cannot take `&mut`: calls run on many threads at a time",
                ));
            }
            if last_segment(&reference.elem).is_some_and(|segment| segment.ident == "Context") {
                return Ok(Source::Context);
            }
        }
        if let Some(special) = special(kind) {
            return special;
        }
        if let Some(segment) = last_segment(kind).filter(|segment| segment.ident == "State") {
            let state = type_argument(segment)
                .ok_or_else(|| Error::new(kind.span(), "say of what: `State<'_, T>`"))?;
            return Ok(Source::State(Box::new(state.clone())));
        }
        if ["cmd", "callback", "error"].contains(&name.as_str()) {
            return Err(Error::new(
                span,
                "`cmd`, `callback` and `error` belong to the message itself; choose another name",
            ));
        }
        refuse_inner_reference(kind)?;
        let (kind, by_reference) = owned(kind);
        Ok(Source::Argument { name, kind: Box::new(kind), by_reference })
    }
}

/// What tells of the call: `Cancellation`, `Progress<T>` and `Channel<T>`.
fn special(kind: &Type) -> Option<Result<Source>> {
    let (inner, by_reference) = match kind {
        Type::Reference(reference) => (&*reference.elem, true),
        other => (other, false),
    };
    let segment = last_segment(inner)?;
    let name = segment.ident.to_string();
    let of = |make: fn(Box<Type>) -> Source| match type_argument(segment) {
        Some(of) => Ok(make(Box::new(of.clone()))),
        None => Err(Error::new(kind.span(), format!("say of what: `{name}<T>`"))),
    };
    let source = match &*name {
        "Cancellation" => Ok(Source::Cancellation),
        "Progress" => of(Source::Progress),
        "Channel" => of(Source::Channel),
        _ => return None,
    };
    Some(match source {
        Ok(_) if by_reference => {
            Err(Error::new(kind.span(), format!("a command takes its `{name}` by value; it may be cloned")))
        }
        source => source,
    })
}

/// A value that is decoded from the message borrows nothing from it; only a reference as a whole is lent.
fn refuse_inner_reference(kind: &Type) -> Result<()> {
    let Some(segment) = last_segment(kind) else { return Ok(()) };
    let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments else { return Ok(()) };
    for argument in &arguments.args {
        if let syn::GenericArgument::Type(inner) = argument {
            if let Type::Reference(reference) = inner {
                let (owned, _) = owned(inner);
                let (written, owned) = (text_of(inner), text_of(&owned));
                return Err(Error::new(
                    reference.span(),
                    format!("an argument owns what is in it; write `{owned}` in place of `{written}`"),
                ));
            }
            refuse_inner_reference(inner)?;
        }
    }
    Ok(())
}

/// What to decode for a parameter: a reference is lent from an owned value.
fn owned(kind: &Type) -> (Type, bool) {
    let Type::Reference(reference) = kind else { return (kind.clone(), false) };
    let inner = &*reference.elem;
    let owned = match inner {
        Type::Slice(slice) => {
            let element = &slice.elem;
            syn::parse_quote_spanned!(inner.span()=> ::std::vec::Vec<#element>)
        }
        Type::Path(path) if path.path.is_ident("str") => {
            syn::parse_quote_spanned!(inner.span()=> ::std::string::String)
        }
        other => other.clone(),
    };
    (owned, true)
}

pub fn last_segment(kind: &Type) -> Option<&syn::PathSegment> {
    match kind {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

fn type_argument(segment: &syn::PathSegment) -> Option<&Type> {
    let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        syn::GenericArgument::Type(kind) => Some(kind),
        _ => None,
    })
}

pub fn text_of(kind: &Type) -> String {
    let text = quote!(#kind).to_string();
    // The token printer puts spaces everywhere; people write types without them.
    text.replace(" :: ", "::")
        .replace(" < ", "<")
        .replace(" >", ">")
        .replace("& ", "&")
        .replace(" ,", ",")
        .replace(":: std::string::String", "String")
        .replace(":: std::vec::Vec", "Vec")
}
