//! Knows what can go wrong on request, where, how often, and in which order.

use std::collections::HashMap;
use std::str::FromStr;
use std::time::Duration;

use crate::draw::mixed;

/// Something wrong with an answer.
///
/// On its own it strikes every request; [`on`](Self::on), [`first`](Self::first), [`after`](Self::after) and
/// [`rate`](Self::rate) narrow that down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 403 with the body `Access denied`.
    Forbidden,
    /// 403 with `cf-mitigated: challenge` and a page titled "Just a moment...".
    Challenge,
    /// 429, with `Retry-After` in seconds or as an HTTP date.
    TooManyRequests {
        /// The value of the header, as it is sent.
        retry_after: Option<String>,
    },
    /// 503, with `Retry-After` in seconds or as an HTTP date.
    Unavailable {
        /// The value of the header, as it is sent.
        retry_after: Option<String>,
    },
    /// The answer comes later. Goes together with any other fault.
    Delay(Duration),
    /// The connection is reset without an answer.
    Reset,
    /// `Content-Length` promises more than arrives before the connection closes.
    Truncated,
    /// A complete answer that holds the first half of a page.
    CutPage,
    /// A body whose bytes are not in the announced charset.
    WrongCharset(Charset),
    /// The mobile layout.
    Mobile,
    /// One label or heading has another name.
    RenamedLabel,
    /// Labels or headings have another name, and one more is gone.
    LayoutChanged,
    /// A list without rows; leaves other pages alone.
    EmptyList,
    /// A list with the first half of its rows, complete otherwise; leaves other pages alone.
    HalfList,
    /// The P/VP of a details page, or the first number of a list, reads `12,3x`.
    PoisonedValue,
    /// The P/VP of a details page is a number that its other figures contradict; leaves other pages alone.
    ContradictingFigures,
    /// The amounts of a composition have a decimal comma.
    CommaComposition,
    /// The first part of a composition is gone.
    LostPart,
    /// The CNPJ of a FII is that of another one.
    ForeignCnpj,
    /// A list of a sector says that it is that of the next one.
    OtherSector,
    /// The page is followed by 256 MiB of blanks.
    Huge,
    /// 301 to another path of the replica.
    Redirect {
        /// The path, such as `/index.php`.
        to: String,
    },
}

/// A charset that the answer does not announce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// UTF-16, little end first, without a mark.
    Utf16,
    /// UTF-8 taken for Latin-1 and encoded as UTF-8 again: valid, and without a readable accent.
    Utf8Twice,
}

/// A fault, with the requests that it strikes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    fault: Fault,
    page: Option<String>,
    ticker: Option<String>,
    first: Option<u32>,
    after: u32,
    percent: Option<u32>,
}

impl Fault {
    /// Strikes only this target: see [`Rule::on`].
    #[must_use]
    pub fn on(self, target: &str) -> Rule {
        Rule::from(self).on(target)
    }

    /// Strikes only the first requests: see [`Rule::first`].
    #[must_use]
    pub fn first(self, requests: u32) -> Rule {
        Rule::from(self).first(requests)
    }

    /// Strikes only later requests: see [`Rule::after`].
    #[must_use]
    pub fn after(self, requests: u32) -> Rule {
        Rule::from(self).after(requests)
    }

    /// Strikes only some requests: see [`Rule::rate`].
    #[must_use]
    pub fn rate(self, percent: u32) -> Rule {
        Rule::from(self).rate(percent)
    }
}

impl From<Fault> for Rule {
    fn from(fault: Fault) -> Self {
        Self { fault, page: None, ticker: None, first: None, after: 0, percent: None }
    }
}

impl Rule {
    /// Strikes only a page (`resultado.php`), a ticker on any page (`PINV4`), or a ticker on one
    /// page (`detalhes.php?papel=PINV4`).
    #[must_use]
    pub fn on(mut self, target: &str) -> Self {
        let (page, ticker) = match target.split_once("?papel=") {
            Some((page, ticker)) => (Some(page), Some(ticker)),
            None if target.contains(".php") => (Some(target), None),
            None => (None, Some(target)),
        };
        self.page = page.map(|page| page.trim_start_matches('/').to_owned());
        self.ticker = ticker.map(|ticker| ticker.trim().to_uppercase());
        self
    }

    /// Strikes only that many requests, and then never again.
    #[must_use]
    pub fn first(mut self, requests: u32) -> Self {
        self.first = Some(requests);
        self
    }

    /// Lets that many requests pass that it would strike, as a site does that has seen enough.
    #[must_use]
    pub fn after(mut self, requests: u32) -> Self {
        self.after = requests;
        self
    }

    /// Strikes only that percentage of the requests.
    ///
    /// Which ones depends on the seed, the fault, the page, the ticker and how often that page was asked for, and so not
    /// on the order in which the requests of a concurrent client arrive. Each rule draws on its own: of two at the same rate
    /// neither strikes because the other does, and where both would, the first does.
    #[must_use]
    pub fn rate(mut self, percent: u32) -> Self {
        self.percent = Some(percent.min(100));
        self
    }
}

/// Text that names no rule.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// There is no such fault.
    #[error("no fault is named {0:?}")]
    Kind(String),
    /// The fault needs a number after `=`.
    #[error("{0:?} needs a number after `=`")]
    Number(String),
}

/// Reads `KIND[=VALUE][:TICKER-or-page][:N]`, as in `unavailable=2:PINV4:3`, or with `N+` for all but the first N.
impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let mut parts = text.split(':');
        let mut rule = Self::from(parts.next().unwrap_or("").parse::<Fault>()?);
        for part in parts {
            rule = match (part.parse(), part.strip_suffix('+').map(str::parse)) {
                (Ok(requests), _) => rule.first(requests),
                (_, Some(Ok(requests))) => rule.after(requests),
                _ => rule.on(part),
            };
        }
        Ok(rule)
    }
}

/// Reads `KIND[=VALUE]`, as in `delay=250` or `redirect=/index.php`.
impl FromStr for Fault {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let (kind, value) = match text.split_once('=') {
            Some((kind, value)) => (kind, Some(value)),
            None => (text, None),
        };
        let retry_after = value.map(str::to_owned);
        Ok(match kind {
            "forbidden" => Self::Forbidden,
            "challenge" => Self::Challenge,
            "too-many-requests" => Self::TooManyRequests { retry_after },
            "unavailable" => Self::Unavailable { retry_after },
            "delay" => Self::Delay(Duration::from_millis(
                value
                    .and_then(|value| value.parse().ok())
                    .ok_or_else(|| RuleError::Number(text.to_owned()))?,
            )),
            "reset" => Self::Reset,
            "truncated" => Self::Truncated,
            "cut-page" => Self::CutPage,
            "utf16" => Self::WrongCharset(Charset::Utf16),
            "utf8-twice" => Self::WrongCharset(Charset::Utf8Twice),
            "mobile" => Self::Mobile,
            "renamed-label" => Self::RenamedLabel,
            "layout-changed" => Self::LayoutChanged,
            "empty-list" => Self::EmptyList,
            "half-list" => Self::HalfList,
            "poisoned-value" => Self::PoisonedValue,
            "contradicting-figures" => Self::ContradictingFigures,
            "comma-composition" => Self::CommaComposition,
            "lost-part" => Self::LostPart,
            "foreign-cnpj" => Self::ForeignCnpj,
            "other-sector" => Self::OtherSector,
            "huge" => Self::Huge,
            "redirect" => Self::Redirect { to: value.unwrap_or("/").to_owned() },
            _ => return Err(RuleError::Kind(kind.to_owned())),
        })
    }
}

/// The rules in force, each with its memory.
#[derive(Debug)]
pub(crate) struct Rules {
    seed: u64,
    /// How long every answer takes.
    pub(crate) delay: Duration,
    armed: Vec<Armed>,
}

#[derive(Debug)]
struct Armed {
    rule: Rule,
    /// What its draws depend on: the seed, the fault, and which of several rules for the same fault it is.
    seed: u64,
    struck: u32,
    /// How many requests of those that it would strike it has let pass.
    passed: u32,
    /// How often each page was asked for since the rule was set.
    asked: HashMap<(String, Option<String>), u64>,
}

impl Rules {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, delay: Duration::ZERO, armed: Vec::new() }
    }

    pub(crate) fn add(&mut self, rule: Rule) {
        let same = self.armed.iter().filter(|armed| armed.rule.fault == rule.fault).count();
        let seed = mixed(self.seed, &format!("{:?} {same}", rule.fault));
        self.armed.push(Armed { rule, seed, struck: 0, passed: 0, asked: HashMap::new() });
    }

    pub(crate) fn clear(&mut self) {
        self.armed.clear();
    }

    /// What happens to this request: how long it waits, and the first fault that strikes it.
    ///
    /// A rule with a limit is used up only by the requests it strikes, so that several make a
    /// sequence.
    pub(crate) fn strike(&mut self, page: &str, ticker: Option<&str>) -> (Duration, Option<Fault>) {
        let mut delay = self.delay;
        let mut fault = None;
        for armed in &mut self.armed {
            let waits = matches!(armed.rule.fault, Fault::Delay(_));
            if (!waits && fault.is_some()) || !armed.strikes(page, ticker) {
                continue;
            }
            match &armed.rule.fault {
                Fault::Delay(more) => delay += *more,
                other => fault = Some(other.clone()),
            }
        }
        (delay, fault)
    }
}

impl Armed {
    fn strikes(&mut self, page: &str, ticker: Option<&str>) -> bool {
        let rule = &self.rule;
        let matches = rule.page.as_deref().is_none_or(|wanted| wanted == page)
            && (rule.ticker.is_none() || rule.ticker.as_deref() == ticker);
        if !matches || rule.first.is_some_and(|first| self.struck >= first) {
            return false;
        }
        if let Some(percent) = rule.percent {
            let asked = self.asked.entry((page.to_owned(), ticker.map(str::to_owned))).or_default();
            *asked += 1;
            let hash = mixed(mixed(self.seed ^ (*asked << 32), page), ticker.unwrap_or(""));
            if fastrand::Rng::with_seed(hash).u32(0..100) >= percent {
                return false;
            }
        }
        if self.passed < rule.after {
            self.passed += 1;
            return false;
        }
        self.struck += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statuses(rules: &mut Rules, ticker: &str, requests: usize) -> Vec<Option<Fault>> {
        (0..requests).map(|_| rules.strike("detalhes.php", Some(ticker)).1).collect()
    }

    #[test]
    fn limited_rules_make_a_sequence() {
        let mut rules = Rules::new(7);
        rules.add(Fault::Reset.on("PINV4").first(1));
        rules.add(Fault::Forbidden.on("detalhes.php?papel=pinv4").first(1));
        assert_eq!(statuses(&mut rules, "BPIN3", 1), [None]);
        assert_eq!(statuses(&mut rules, "PINV4", 3), [Some(Fault::Reset), Some(Fault::Forbidden), None]);
    }

    #[test]
    fn a_late_rule_lets_the_first_requests_pass() {
        let mut rules = Rules::new(7);
        rules.add(Fault::Forbidden.on("detalhes.php").after(2).first(1));
        assert_eq!(rules.strike("resultado.php", None).1, None);
        assert_eq!(statuses(&mut rules, "PINV4", 4), [None, None, Some(Fault::Forbidden), None]);
    }

    #[test]
    fn delays_add_up_and_leave_room_for_another_fault() {
        let mut rules = Rules::new(7);
        rules.delay = Duration::from_millis(1);
        rules.add(Fault::Reset.into());
        rules.add(Fault::Delay(Duration::from_millis(2)).into());
        rules.add(Fault::Delay(Duration::from_millis(4)).on("resultado.php"));
        assert_eq!(rules.strike("resultado.php", None), (Duration::from_millis(7), Some(Fault::Reset)));
    }

    #[test]
    fn a_rate_does_not_depend_on_the_order_of_the_tickers() {
        let tickers: Vec<String> = (0..1_000).map(|number| format!("T{number}")).collect();
        let struck = |order: &mut dyn Iterator<Item = &String>| -> Vec<String> {
            let mut rules = Rules::new(7);
            rules.add(Fault::Reset.rate(10));
            let mut struck: Vec<String> = order
                .filter(|ticker| rules.strike("detalhes.php", Some(ticker)).1.is_some())
                .cloned()
                .collect();
            struck.sort();
            struck
        };
        let forward = struck(&mut tickers.iter());
        assert_eq!(forward, struck(&mut tickers.iter().rev()));
        assert!((70..130).contains(&forward.len()), "{}", forward.len());
    }

    #[test]
    fn rules_at_a_rate_strike_independently() {
        let (mobile, changed) = (Fault::Mobile, Fault::LayoutChanged);
        let mut rules = Rules::new(7);
        for rule in
            [mobile.clone().rate(10), changed.clone().rate(10), Fault::Delay(Duration::from_secs(1)).rate(10)]
        {
            rules.add(rule);
        }
        let (mut mobiles, mut changes, mut delayed_mobiles) = (0, 0, 0);
        for number in 0..10_000 {
            let (delay, fault) = rules.strike("detalhes.php", Some(&format!("T{number}")));
            mobiles += u32::from(fault.as_ref() == Some(&mobile));
            changes += u32::from(fault.as_ref() == Some(&changed));
            delayed_mobiles += u32::from(fault.as_ref() == Some(&mobile) && delay > Duration::ZERO);
        }
        // A tenth; a tenth of the nine tenths that are left; and a tenth of the first tenth, which a delay joins.
        assert!((900..1_100).contains(&mobiles), "{mobiles}");
        assert!((800..1_000).contains(&changes), "{changes}");
        assert!((70..130).contains(&delayed_mobiles), "{delayed_mobiles}");
    }

    #[test]
    fn rules_are_read_from_the_command_line() {
        let read = |text: &str| text.parse::<Rule>().map_err(|error| error.to_string());
        assert_eq!(
            read("unavailable=2:PINV4:3"),
            Ok(Fault::Unavailable { retry_after: Some("2".to_owned()) }.on("PINV4").first(3))
        );
        assert_eq!(read("forbidden:detalhes.php:90+"), Ok(Fault::Forbidden.on("detalhes.php").after(90)));
        assert_eq!(read("empty-list:resultado.php"), Ok(Fault::EmptyList.on("resultado.php")));
        assert_eq!(read("delay"), Err("\"delay\" needs a number after `=`".to_owned()));
        assert_eq!(read("gremlin"), Err("no fault is named \"gremlin\"".to_owned()));
    }
}
