//! What the traces of a dead host mean for this one.
//!
//! A plugin that killed its host while it was opened or started would kill every next one as well: its library is refused
//! until it changes or somebody has it tried again. One that did so in a command runs in a process of its own from then on.

use crate::library::breadcrumbs::{Cause, Trace};
use crate::library::copy::ContentHash;
use crate::library::phase::Phase;
use crate::library::verdicts::{Verdict, Verdicts};
use crate::plugin::Crashed;
use crate::status::Crash;
use crate::words;

/// Tells what the traces say, and has the libraries refused that would kill this host, too.
pub fn learn_from(traces: &[Trace], verdicts: &Verdicts, crashed: &Crashed) -> Vec<Crash> {
    let crashes: Vec<Crash> = traces.iter().map(|trace| learn(trace, verdicts, crashed)).collect();
    for crash in &crashes {
        tracing::error!("{}", crash.sentence);
    }
    crashes
}

fn learn(trace: &Trace, verdicts: &Verdicts, crashed: &Crashed) -> Crash {
    let Trace { phase, plugin, hash, detail, cause } = trace;
    let cause_text = match cause {
        Cause::Signal(number) => Some(words::signal(number.cast_signed())),
        Cause::Exit => Some(words::exit_call()),
        Cause::Unknown => None,
    };
    let cmd = (*phase == Phase::Call).then(|| detail.clone());
    let mut sentence = match phase {
        Phase::OwnThread => words::crash_elsewhere(detail, plugin, cause_text.as_deref().unwrap_or_default()),
        _ => words::crash(*phase, plugin, cmd.as_deref(), cause_text.as_deref()),
    };
    // What ran when somebody killed the host is not to blame.
    if let (Some(hash), Some(cause)) = (ContentHash::from_text(hash), &cause_text) {
        if matches!(phase, Phase::Open | Phase::Start) {
            let reason = words::killed_the_host_in_its_start(cause);
            verdicts.keep(hash, &Verdict::new(Err(reason)));
        } else {
            let place = words::place(*phase, cmd.as_deref());
            let kept =
                crashed.remember(hash, &words::isolated_after_crash(&format!("while {place}, by {cause}")));
            sentence = format!("{sentence}; {}", words::will_be_isolated(plugin, kept));
        }
    }
    Crash { plugin: plugin.clone(), cmd, cause: cause_text, sentence }
}
