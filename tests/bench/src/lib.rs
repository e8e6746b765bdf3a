//! What the table of ratios is made of.

pub mod folders;
pub mod lanes;

/// A line of the table.
pub struct Line {
    /// What is measured, and beside what.
    pub what: String,
    /// Ours.
    pub ours: f64,
    /// The peer's, or the limit.
    pub peers: f64,
    /// The unit of both.
    pub unit: &'static str,
    /// Of ours to the peer's; where many pairs were measured, the middle of their ratios.
    pub ratio: f64,
    /// The ratio that is to be reached, if one is: at most this.
    pub at_most: Option<f64>,
}

impl Line {
    /// A line of one pair.
    pub fn new(what: &str, ours: f64, peers: f64, unit: &'static str, at_most: Option<f64>) -> Self {
        Self { what: what.to_owned(), ours, peers, unit, ratio: ours / peers, at_most }
    }
}
