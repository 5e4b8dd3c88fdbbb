//! A slot among the requests that run at the same time; an unanswered request gives it up.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::client::silence::Silence;

/// So long a request without an answer keeps others from being sent. It is waited for all the same.
const PATIENCE: Duration = Duration::from_secs(1);

/// The place of one request of many. A request that is alone has none, and shares with nobody.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    shared: bool,
    permit: Mutex<Option<OwnedSemaphorePermit>>,
}

impl Slot {
    /// Waits for a place.
    pub(crate) async fn of(places: Arc<Semaphore>) -> Self {
        // Nobody closes it.
        Self { shared: true, permit: Mutex::new(places.acquire_owned().await.ok()) }
    }

    /// Whether others wait for this place.
    pub(crate) fn is_shared(&self) -> bool {
        self.shared
    }

    /// Waits for an answer. If it does not come soon, another request takes the place, unless the whole site is silent.
    pub(crate) async fn wait<T>(&self, silence: &Silence, answer: impl Future<Output = T>) -> T {
        let mut answer = pin!(answer);
        while self.is_held() {
            if let Ok(answer) = timeout(PATIENCE, &mut answer).await {
                return answer;
            }
            if !silence.is_total() {
                self.permit.lock().unwrap_or_else(PoisonError::into_inner).take();
            }
        }
        answer.await
    }

    fn is_held(&self) -> bool {
        self.permit.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}
