//! The PINGs of ours that await their answer.

use std::collections::VecDeque;

#[derive(Debug, Default)]
pub(crate) struct Pings {
    outstanding: VecDeque<[u8; 8]>,
}

impl Pings {
    /// Remembers a PING about to be sent. False if too many are unanswered.
    pub(crate) fn send(&mut self, payload: [u8; 8], limit: u32) -> bool {
        if self.outstanding.len() >= limit as usize {
            return false;
        }
        self.outstanding.push_back(payload);
        true
    }

    /// Whether an answer is one to a PING of ours. Answers come in the order of the questions, but nothing says they must.
    pub(crate) fn acknowledge(&mut self, payload: &[u8; 8]) -> bool {
        match self.outstanding.iter().position(|sent| sent == payload) {
            Some(place) => self.outstanding.remove(place).is_some(),
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_matched_by_payload_once_each() {
        let mut pings = Pings::default();
        assert!(pings.send(*b"aaaaaaaa", 2));
        assert!(pings.send(*b"bbbbbbbb", 2));
        assert!(!pings.send(*b"cccccccc", 2));
        assert!(pings.acknowledge(b"bbbbbbbb"));
        assert!(!pings.acknowledge(b"bbbbbbbb"));
        assert!(!pings.acknowledge(b"cccccccc"));
        assert!(pings.acknowledge(b"aaaaaaaa"));
        assert!(!pings.acknowledge(b"aaaaaaaa"));
    }
}
