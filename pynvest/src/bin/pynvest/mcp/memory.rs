//! Cache of pages for 20 minutes, the time that the site announces for its own.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;

/// How long a page is remembered.
const FRESH: Duration = Duration::from_secs(20 * 60);
/// Pages that are remembered at most.
const MOST: usize = 512;

/// A page, once it is read, and when.
type Slot<V> = Arc<OnceCell<(Instant, Arc<V>)>>;

/// Pages by what they are about. Calls that want the same page at the same time read it once.
pub(crate) struct Memory<K, V> {
    slots: Mutex<HashMap<K, Slot<V>>>,
    fresh: Duration,
}

impl<K: Eq + Hash, V> Memory<K, V> {
    pub(crate) fn new() -> Self {
        Self { slots: Mutex::default(), fresh: FRESH }
    }

    /// The page that is remembered, or the one that `read` gives. A failure is not remembered.
    pub(crate) async fn get<E>(&self, key: K, read: impl Future<Output = Result<V, E>>) -> Result<Arc<V>, E> {
        let slot = self.slot(key);
        let read = async { Ok((Instant::now(), Arc::new(read.await?))) };
        let (_, page) = slot.get_or_try_init(|| read).await?;
        Ok(Arc::clone(page))
    }

    fn slot(&self, key: K) -> Slot<V> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let is_old = |slot: &Slot<V>| slot.get().is_some_and(|(read, _)| read.elapsed() >= self.fresh);
        if slots.len() >= MOST {
            slots.retain(|_, slot| slot.initialized() && !is_old(slot));
        }
        if slots.len() >= MOST {
            slots.clear();
        }
        let slot = slots.entry(key).or_default();
        if is_old(slot) {
            *slot = Slot::default();
        }
        Arc::clone(slot)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn a_page_is_read_once_while_it_is_fresh_and_a_failure_again() {
        let reads = Cell::new(0);
        let read = |answer: Result<u32, &'static str>| {
            let reads = &reads;
            async move {
                reads.set(reads.get() + 1);
                answer
            }
        };
        let mut memory: Memory<u32, u32> = Memory::new();
        assert_eq!(memory.get(1, read(Err("no"))).await, Err("no"));
        assert_eq!(memory.get(1, read(Ok(7))).await.as_deref(), Ok(&7));
        assert_eq!(memory.get(1, read(Ok(8))).await.as_deref(), Ok(&7));
        assert_eq!(reads.get(), 2);
        memory.fresh = Duration::ZERO;
        assert_eq!(memory.get(1, read(Ok(9))).await.as_deref(), Ok(&9));
        for key in 0..3 * MOST as u32 {
            memory.get(key, read(Ok(key))).await.unwrap();
        }
        assert!(memory.slots.lock().unwrap().len() <= MOST);
    }
}
