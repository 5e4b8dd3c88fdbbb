//! The replica seen from outside: its pages by a parser of HTML, its faults by a client of HTTP.

#[cfg(test)]
#[path = "it/days.rs"]
mod days;
#[cfg(test)]
#[path = "it/faults.rs"]
mod faults;
#[cfg(test)]
#[path = "it/http.rs"]
mod http;
#[cfg(test)]
#[path = "it/pages.rs"]
mod pages;
#[cfg(test)]
#[path = "it/reader.rs"]
mod reader;
