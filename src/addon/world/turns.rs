//! Turns of the loop: what happened is told, and what is to be sent is flushed.

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use super::{State, World};
use crate::addon::batch::Batch;
use crate::addon::entry::Told;
use crate::addon::value::{Js, Scope};

/// Batches that one turn tells before the loop goes round again: other handles must get their chance.
const BATCHES_A_TURN: usize = 64;

/// Sessions in a dispatch.
#[derive(Debug)]
struct Queue {
    keys: VecDeque<u32>,
    /// The first of them took in what it had to read, and may have been told in part.
    first_polled: bool,
}

impl World {
    /// Tells what there is to tell, flushes what that made dirty, and tells what the flush brought about. JavaScript runs
    /// in this: to be called with nothing borrowed, and before a [`World::flush`].
    ///
    /// What has arrived for one session is no concern of another that has only something to send: that waits for the flush.
    pub fn turn(&self, js: Js) {
        self.turning(|| {
            let unheard = self.take_unheard();
            self.dispatch(js);
            self.flush_dirty(js);
            self.dispatch(js);
            self.state.borrow_mut().unheard.extend(unheard);
        });
    }

    /// Flushes what became dirty outside of a turn, and tells what that brought about: a session that closes says its last
    /// word before the peer has answered the one before, and nothing waits for the loop to go round.
    ///
    /// A session that goes on sends once a turn, as in node: its peer hears of one write before the next. `again` says that
    /// this turn has flushed already.
    pub fn flush(&self, js: Js, again: bool) {
        self.turning(|| {
            let mut later = if again { self.take_running() } else { Vec::new() };
            self.restore_unheard();
            self.flush_dirty(js);
            self.dispatch(js);
            later.append(&mut self.take_running());
            self.flush_dirty(js);
            self.state.borrow_mut().dirty.extend(later);
        });
    }

    /// Takes those sessions out of the dirty ones that have no events.
    fn take_unheard(&self) -> Vec<u32> {
        let mut state = self.state.borrow_mut();
        let State { sessions, dirty, .. } = &mut *state;
        let (unheard, heard) =
            mem::take(dirty).into_iter().partition(|key| sessions.get(key).is_some_and(|entry| !entry.is_ready));
        *dirty = heard;
        unheard
    }

    fn restore_unheard(&self) {
        let mut state = self.state.borrow_mut();
        let State { dirty, unheard, .. } = &mut *state;
        dirty.append(unheard);
    }

    /// Takes those sessions out of the dirty ones that are not about to end.
    fn take_running(&self) -> Vec<u32> {
        let mut state = self.state.borrow_mut();
        let State { sessions, dirty, .. } = &mut *state;
        let (running, closing) =
            mem::take(dirty).into_iter().partition(|key| sessions.get(key).is_some_and(|entry| !entry.is_closing()));
        *dirty = closing;
        running
    }

    fn turning(&self, turn: impl FnOnce()) {
        struct Turning<'a>(&'a World);
        impl Drop for Turning<'_> {
            fn drop(&mut self) {
                self.0.turning.set(false);
                self.0.settle(&self.0.state.borrow());
            }
        }
        if !self.turning.replace(true) {
            let _turning = Turning(self);
            turn();
        }
    }

    fn dispatch(&self, js: Js) {
        let now = self.now();
        let mut queue = Queue { keys: mem::take(&mut self.state.borrow_mut().ready), first_polled: false };
        for _ in 0..BATCHES_A_TURN {
            if queue.keys.is_empty() && !self.has_reads_to_tell() {
                break;
            }
            let told = self.one_batch(js, |state, batch| {
                if self.tell_reads(batch) {
                    state.tell(js, &mut queue, now, batch);
                }
            });
            if !told {
                break;
            }
            // The peers get to work while there is more to tell.
            if !queue.keys.is_empty() {
                self.flush_dirty(js);
            }
        }
        let mut state = self.state.borrow_mut();
        while let Some(key) = queue.keys.pop_back() {
            state.ready.push_front(key);
        }
    }

    /// Tells the events of one session now, with what has just arrived: the session or its stream is about to end, and the
    /// classes would drop them.
    pub fn dispatch_one(&self, js: Js, key: u32) {
        let now = self.now();
        #[cfg(unix)]
        self.with_entry(key, |entry, _| entry.look());
        for _ in 0..BATCHES_A_TURN {
            let more = self.with_entry(key, |entry, _| {
                entry.poll_on(js, now);
                // A socket's peer may send for ever. What a stream has handed over is all there is.
                entry.unread && entry.is_on_stream()
            });
            let mut queue = Queue { keys: VecDeque::from([key]), first_polled: true };
            while !queue.keys.is_empty() && self.one_batch(js, |state, batch| state.tell(js, &mut queue, now, batch)) {}
            if more != Some(true) {
                break;
            }
        }
    }

    /// Flushes every dirty session and hands their output to their streams.
    fn flush_dirty(&self, js: Js) {
        let dirty = mem::take(&mut self.state.borrow_mut().dirty);
        for key in &dirty {
            // Where a stream is another session's, that one hears of it before it sends itself.
            if self.flush_one(js, *key) {
                self.put_out(js, std::slice::from_ref(key));
            }
        }
        self.put_out(js, &dirty);
    }

    /// Flushes a session that has just received something from its stream, before whoever feeds that stream goes on.
    pub fn flush_session(&self, js: Js, key: u32) {
        self.turning(|| {
            self.state.borrow_mut().dirty.retain(|dirty| *dirty != key);
            self.flush_one(js, key);
            self.put_out(js, &[key]);
        });
    }

    /// Flushes a session. Whether a stream of JavaScript's carries it.
    fn flush_one(&self, js: Js, key: u32) -> bool {
        let mut state = self.state.borrow_mut();
        let State { sessions, ready, .. } = &mut *state;
        let Some(entry) = sessions.get_mut(&key) else { return false };
        entry.is_dirty = false;
        entry.flush(js);
        #[cfg(unix)]
        entry.watch_socket();
        // What still wants a flush waits for its stream to take what it was given.
        if !entry.is_ready && entry.has_news() {
            entry.is_ready = true;
            ready.push_back(key);
        }
        entry.is_on_stream()
    }

    /// Hands the output of sessions to their streams.
    fn put_out(&self, js: Js, keys: &[u32]) {
        let mut keys = keys.iter();
        while !keys.as_slice().is_empty()
            && self.one_batch(js, |state, batch| {
                while let Some(key) = keys.as_slice().first() {
                    if let Some(entry) = state.sessions.get_mut(key)
                        && entry.put_out(js, batch) == Told::Full
                    {
                        break;
                    }
                    keys.next();
                }
            })
        {}
    }

    /// Fills a batch and calls `dispatch` with it. False if there was nothing to tell, or nobody to tell it.
    fn one_batch(&self, js: Js, fill: impl FnOnce(&mut State, &mut Batch)) -> bool {
        if self.closing.get() {
            return false;
        }
        // SAFETY: `js` says that this is the thread, and the cleanup hook has not run.
        let Some(_scope) = (unsafe { Scope::open(self.env) }) else { return false };
        let depth = self.depth.get();
        let (dispatch, arguments) = {
            let mut state = self.state.borrow_mut();
            let mut batches = self.batches.borrow_mut();
            if batches.len() <= depth {
                let Some(batch) = Batch::new(js) else { return false };
                batches.push(batch);
            }
            let (Some(batch), true) = (batches.get_mut(depth), state.callbacks.is_some()) else { return false };
            batch.clear();
            fill(&mut state, batch);
            let Some(callbacks) = &state.callbacks else { return false };
            if batch.is_empty() {
                return false;
            }
            (js.kept(&callbacks.dispatch), batch.arguments(js))
        };
        self.depth.set(depth + 1);
        let told = js.call(dispatch, &arguments);
        self.depth.set(depth);
        if !told {
            // A bug of ours, or the environment is about to end.
            js.report_pending();
        }
        told && !self.closing.get()
    }

    #[cfg(unix)]
    pub(super) fn has_reads_to_tell(&self) -> bool {
        self.reads.has_news()
    }

    #[cfg(unix)]
    fn tell_reads(&self, batch: &mut Batch) -> bool {
        self.reads.tell(batch)
    }

    /// Without descriptors JavaScript reads the files.
    #[cfg(not(unix))]
    pub(super) fn has_reads_to_tell(&self) -> bool {
        false
    }

    #[cfg(not(unix))]
    fn tell_reads(&self, _: &mut Batch) -> bool {
        true
    }
}

impl State {
    /// Takes in what the sessions in `queue` have to read, tells their events, and takes those out that have no more. One
    /// after the other: what was read is told, and its memory free for the next, while it is in the processor's cache.
    fn tell(&mut self, js: Js, queue: &mut Queue, now: Duration, batch: &mut Batch) {
        while let Some(key) = queue.keys.front() {
            if let Some(entry) = self.sessions.get_mut(key) {
                if !queue.first_polled {
                    entry.poll_on(js, now);
                    entry.note(&mut self.dirty, &mut self.ready);
                    queue.first_polled = true;
                }
                if entry.tell(js, batch) == Told::Full {
                    return;
                }
                entry.is_ready = false;
                if entry.unread {
                    entry.is_ready = true;
                    self.ready.push_back(*key);
                }
            }
            #[cfg(unix)]
            if let Some(connection) = self.connections.get_mut(key) {
                if connection.tell(js, batch) == Told::Full {
                    return;
                }
                connection.is_ready = false;
            }
            queue.keys.pop_front();
            queue.first_polled = false;
        }
    }
}
