//! Reads a function and writes its `Command` implementation beside it.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{
    Attribute, Error, Expr, FnArg, GenericParam, Ident, ItemFn, Lit, LitStr, Meta, Pat, Result, ReturnType,
    Type,
};

pub fn expand(attribute: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let function: ItemFn = syn::parse2(item)
        .map_err(|error| Error::new(error.span(), "`#[command]` belongs before a function"))?;
    let options = Options::parse(attribute)?;
    refuse_unfit(&function, &options)?;
    let parameters = function.sig.inputs.iter().map(Parameter::parse).collect::<Result<Vec<_>>>()?;
    refuse_second_state(&parameters)?;
    Ok(write(&function, &options, &parameters))
}

#[derive(Default)]
struct Options {
    main_thread: bool,
    rename: Option<LitStr>,
}

impl Options {
    fn parse(attribute: TokenStream) -> Result<Self> {
        let mut options = Self::default();
        let parser = syn::meta::parser(|meta| {
            if meta.path.is_ident("main_thread") {
                options.main_thread = true;
            } else if meta.path.is_ident("rename") {
                let name: LitStr = meta.value()?.parse()?;
                if name.value().is_empty() {
                    return Err(Error::new(name.span(), "a command's name is not empty"));
                }
                options.rename = Some(name);
            } else {
                return Err(meta.error("unknown option; there are `main_thread` and `rename = \"name\"`"));
            }
            Ok(())
        });
        syn::parse::Parser::parse2(parser, attribute)?;
        Ok(options)
    }
}

fn refuse_unfit(function: &ItemFn, options: &Options) -> Result<()> {
    let signature = &function.sig;
    if let Some(token) = signature.asyncness.filter(|_| options.main_thread) {
        return Err(Error::new(
            token.span,
            "an async command runs on a worker: the main thread would stand still while it waits",
        ));
    }
    let generic =
        signature.generics.params.iter().find(|parameter| !matches!(parameter, GenericParam::Lifetime(_)));
    if let Some(parameter) = generic {
        return Err(Error::new(
            parameter.span(),
            "a command has no type parameters: the page could not choose them",
        ));
    }
    if let Some(token) = signature.unsafety {
        return Err(Error::new(token.span, "a command is not unsafe: the page cannot keep its conditions"));
    }
    Ok(())
}

/// What a parameter is filled with.
enum Source {
    Context,
    State(Box<Type>),
    /// From the message; the type to decode, and whether the function takes it by reference.
    Argument {
        name: String,
        kind: Box<Type>,
        by_reference: bool,
    },
}

struct Parameter {
    slot: Ident,
    source: Source,
    written: String,
}

impl Parameter {
    fn parse(input: &FnArg) -> Result<Self> {
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

fn refuse_second_state(parameters: &[Parameter]) -> Result<()> {
    let mut states = parameters.iter().filter(|parameter| matches!(parameter.source, Source::State(_)));
    match states.nth(1) {
        Some(second) => Err(Error::new(
            second.slot.span(),
            "a plugin has one state; put both values into one type, and take it once",
        )),
        None => Ok(()),
    }
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

fn last_segment(kind: &Type) -> Option<&syn::PathSegment> {
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

fn text_of(kind: &Type) -> String {
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

/// The documentation's first line, and what follows it.
fn documentation(attributes: &[Attribute]) -> (String, String) {
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
        .collect();
    let mut lines = lines.into_iter().skip_while(|line| line.trim().is_empty());
    let first = lines.next().unwrap_or_default().trim().to_owned();
    let more = lines.collect::<Vec<_>>().join("\n");
    (first, more.trim_matches('\n').to_owned())
}

fn camel_case(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut raise = false;
    for character in name.chars() {
        if character == '_' {
            raise = !camel.is_empty();
        } else if raise {
            camel.extend(character.to_uppercase());
            raise = false;
        } else {
            camel.push(character);
        }
    }
    camel
}

fn write(function: &ItemFn, options: &Options, parameters: &[Parameter]) -> TokenStream {
    let name = &function.sig.ident;
    let visibility = &function.vis;
    let command = match &options.rename {
        Some(rename) => rename.value(),
        None => camel_case(&name.unraw().to_string()),
    };
    let (doc, more) = documentation(&function.attrs);
    let place = if options.main_thread { quote!(MainThread) } else { quote!(Worker) };

    let (mut fields, mut names, mut infos, mut reads, mut has, mut fill, mut pass) =
        (vec![], vec![], vec![], vec![], vec![], vec![], vec![]);
    let mut state = None;
    for parameter in parameters {
        let slot = &parameter.slot;
        match &parameter.source {
            Source::Context => pass.push(quote!(__call.context)),
            Source::State(kind) => {
                state = Some(kind);
                pass.push(quote!(::plugin_api::State::new(__call.state)));
            }
            Source::Argument { name, kind, by_reference } => {
                let index = names.len();
                let written = &parameter.written;
                let optional = last_segment(kind).is_some_and(|segment| segment.ident == "Option");
                fields.push(quote!(#slot: ::core::option::Option<#kind>));
                infos.push(
                    quote!(__private::ArgumentInfo { name: #name, kind: #written, optional: #optional }),
                );
                reads.push(quote_spanned!(kind.span()=> #index => self.#slot = ::core::option::Option::Some(__private::next::<#kind, __A>(map)?)));
                has.push(quote!(#index => self.#slot.is_some()));
                fill.push(quote_spanned! {kind.span()=>
                    let #slot: #kind = match __slots.#slot {
                        ::core::option::Option::Some(value) => value,
                        ::core::option::Option::None => __private::missing(#command, #name)?,
                    };
                });
                pass.push(if *by_reference { quote!(&#slot) } else { quote!(#slot) });
                names.push(name.clone());
            }
        }
    }

    let returned = match function.sig.asyncness {
        None => quote!(#name(#(#pass),*)),
        Some(_) => quote!(__private::drive(__call.context, #name(#(#pass),*))),
    };
    // Where the result cannot be written, the compiler points at its type.
    let outcome = match &function.sig.output {
        ReturnType::Default => quote!(__private::Returned(#returned).into_outcome()),
        ReturnType::Type(_, kind) => {
            quote_spanned!(kind.span()=> __private::Returned(#returned).into_outcome())
        }
    };
    let indices = 0..names.len();
    let (generics, state_type) = match state {
        Some(kind) => (quote!(), quote!(#kind)),
        None => (quote!(<__S: ::core::marker::Send + ::core::marker::Sync + 'static>), quote!(__S)),
    };
    let read_slots = if names.is_empty() {
        quote!(let _: __Slots = __private::read(#command, __call.message)?;)
    } else {
        quote!(let __slots: __Slots = __private::read(#command, __call.message)?;)
    };
    quote! {
        #function

        #[doc(hidden)]
        #[allow(non_camel_case_types, reason = "it stands beside the function of the same name")]
        #visibility struct #name {}

        #[allow(non_snake_case, reason = "a parameter's name may begin with an underscore")]
        const _: () = {
            use ::plugin_api::__private;
            use ::plugin_api::__private::serde::de::MapAccess as __MapAccess;

            #[derive(::core::default::Default)]
            struct __Slots { #(#fields,)* }

            impl __private::Slots for __Slots {
                const NAMES: &'static [&'static str] = &[#(#names),*];

                fn index_of(key: &str) -> ::core::option::Option<usize> {
                    match key { #(#names => ::core::option::Option::Some(#indices),)* _ => ::core::option::Option::None }
                }

                #[allow(unused_variables, reason = "a command without arguments reads nothing")]
                fn read<'de, __A: __MapAccess<'de>>(
                    &mut self,
                    index: usize,
                    map: &mut __A,
                ) -> ::core::result::Result<(), __A::Error> {
                    match index { #(#reads,)* _ => {} }
                    ::core::result::Result::Ok(())
                }

                fn has(&self, index: usize) -> bool {
                    match index { #(#has,)* _ => false }
                }
            }

            impl __private::Described for #name {
                const INFO: __private::CommandInfo = __private::CommandInfo {
                    name: #command,
                    place: ::plugin_api::table::Place::#place,
                    doc: #doc,
                    more: #more,
                    arguments: &[#(#infos),*],
                };
            }

            impl #generics ::plugin_api::Command<#state_type> for #name {
                fn run(__call: &__private::Call<'_, #state_type>) -> __private::Outcome {
                    #[allow(unused_imports, reason = "only a result that is no `Result` needs it")]
                    use __private::FromValue as _;
                    #read_slots
                    #(#fill)*
                    #outcome
                }
            }
        };
    }
}
