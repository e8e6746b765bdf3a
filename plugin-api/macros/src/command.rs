//! Reads a function and writes its `Command` implementation beside it.

mod documentation;
mod options;
mod parameter;

use proc_macro2::{TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Error, GenericParam, ItemFn, Result, ReturnType, Type};

use documentation::documentation;
use options::Options;
use parameter::{Parameter, Source, last_segment, text_of};

pub fn expand(attribute: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let function: ItemFn = syn::parse2(item)
        .map_err(|error| Error::new(error.span(), "`#[command]` belongs before a function"))?;
    let options = Options::parse(attribute)?;
    refuse_unfit(&function, &options)?;
    let parameters = function.sig.inputs.iter().map(Parameter::parse).collect::<Result<Vec<_>>>()?;
    refuse_second(
        &parameters,
        |source| matches!(source, Source::State(_)),
        "a plugin has one state; put both values into one type, and take it once",
    )?;
    refuse_second(
        &parameters,
        |source| matches!(source, Source::Channel(_)),
        "the page has one place for values; send an enum with both kinds over one channel",
    )?;
    refuse_second(
        &parameters,
        |source| matches!(source, Source::Progress(_)),
        "the page has one place for progress; report a type with both values",
    )?;
    refuse_channel_on_main(&options, &parameters)?;
    Ok(write(&function, &options, &parameters))
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

fn refuse_second(parameters: &[Parameter], which: fn(&Source) -> bool, why: &str) -> Result<()> {
    let mut those = parameters.iter().filter(|parameter| which(&parameter.source));
    match those.nth(1) {
        Some(second) => Err(Error::new(second.slot.span(), why)),
        None => Ok(()),
    }
}

/// A channel waits for the page, and the page for the main thread.
fn refuse_channel_on_main(options: &Options, parameters: &[Parameter]) -> Result<()> {
    let channel = parameters.iter().find(|parameter| matches!(parameter.source, Source::Channel(_)));
    match channel {
        Some(channel) if options.main_thread => Err(Error::new(
            channel.slot.span(),
            "a channel waits for the page, and the page for the main thread; leave `main_thread` out",
        )),
        _ => Ok(()),
    }
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
    let mut argument_schemas = vec![];
    let (mut sends, mut reports) = (None, None);
    for parameter in parameters {
        let slot = &parameter.slot;
        match &parameter.source {
            Source::Context => pass.push(quote!(__call.context)),
            Source::State(kind) => {
                state = Some(kind);
                pass.push(quote!(::plugin_api::State::new(__call.state)));
            }
            Source::Cancellation => pass.push(quote!(::plugin_api::Cancellation::of(__call.reply))),
            Source::Progress(kind) => {
                reports = Some(kind);
                pass.push(quote_spanned!(kind.span()=> ::plugin_api::Progress::<#kind>::of(__call.reply)));
            }
            Source::Channel(kind) => {
                sends = Some(kind);
                pass.push(quote_spanned!(kind.span()=> ::plugin_api::Channel::<#kind>::of(__call.reply)));
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
                argument_schemas.push(schema_of(kind));
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
    let unit: Type = syn::parse_quote!(());
    let returns = match &function.sig.output {
        ReturnType::Default => &unit,
        ReturnType::Type(_, kind) => &**kind,
    };
    let (result_schema, returns) = (schema_of(returns), text_of(returns));
    let written = |kind: Option<&Box<Type>>| kind.map(|kind| text_of(kind)).unwrap_or_default();
    let of = |kind: Option<&Box<Type>>| {
        kind.map_or_else(|| quote!(::core::option::Option::None), |kind| schema_of(kind))
    };
    let (values_schema, progress_schema) = (of(sends), of(reports));
    let (sends, reports) = (written(sends), written(reports));
    let deadline = match options.deadline.and_then(|deadline| u64::try_from(deadline.as_millis()).ok()) {
        Some(milliseconds) => quote!(::core::option::Option::Some(#milliseconds)),
        None => quote!(::core::option::Option::None),
    };
    let concurrency = match options.concurrency {
        Some(count) => quote!(::core::option::Option::Some(#count)),
        None => quote!(::core::option::Option::None),
    };
    let internal = options.internal;
    // A host that knows nothing of internal commands does not give one to a page by a pattern.
    let dangerous = options.dangerous || internal;
    let indices = 0..names.len();
    let (generics, state_type) = match state {
        Some(kind) => (quote!(), quote!(#kind)),
        None => (quote!(<__S: ::core::marker::Send + ::core::marker::Sync + 'static>), quote!(__S)),
    };
    let read_slots = if names.is_empty() {
        quote!(let _: __Slots = __private::read(#command, __call.message, __call.reply)?;)
    } else {
        quote!(let __slots: __Slots = __private::read(#command, __call.message, __call.reply)?;)
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

            fn __schemas() -> ::plugin_api::table::CommandSchemas {
                #[allow(unused_imports, reason = "which of them a type needs depends on the type")]
                use __private::{OfAnything as _, OfResult as _, OfValue as _};
                ::plugin_api::table::CommandSchemas {
                    arguments: ::std::vec![#(#argument_schemas),*],
                    result: #result_schema,
                    values: #values_schema,
                    progress: #progress_schema,
                }
            }

            impl __private::Described for #name {
                const INFO: __private::CommandInfo = __private::CommandInfo {
                    name: #command,
                    place: ::plugin_api::table::Place::#place,
                    doc: #doc,
                    more: #more,
                    arguments: &[#(#infos),*],
                    returns: #returns,
                    sends: #sends,
                    reports: #reports,
                    deadline_ms: #deadline,
                    concurrency: #concurrency,
                    dangerous: #dangerous,
                    internal: #internal,
                    schemas: __schemas,
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

/// Asks for the schema of a type, where there is one.
fn schema_of(kind: &Type) -> TokenStream {
    let kind = with_static_lifetimes(quote!(#kind));
    // A type that only the compiler knows cannot be asked.
    let is_hidden =
        kind.clone().into_iter().any(|token| matches!(token, TokenTree::Ident(word) if word == "impl"));
    if is_hidden {
        return quote!(::core::option::Option::None);
    }
    quote!((&&&__private::SchemaOf::<#kind>::new()).schema())
}

/// The function's own lifetimes are not known outside of it, and make no difference to a schema.
fn with_static_lifetimes(tokens: TokenStream) -> TokenStream {
    let mut after_quote = false;
    let replace = |token| {
        let is_lifetime = std::mem::replace(
            &mut after_quote,
            matches!(&token, TokenTree::Punct(mark) if mark.as_char() == '\''),
        );
        match token {
            TokenTree::Ident(name) if is_lifetime => {
                TokenTree::Ident(proc_macro2::Ident::new("static", name.span()))
            }
            TokenTree::Group(group) => {
                let inner = with_static_lifetimes(group.stream());
                TokenTree::Group(proc_macro2::Group::new(group.delimiter(), inner))
            }
            other => other,
        }
    };
    tokens.into_iter().map(replace).collect()
}
