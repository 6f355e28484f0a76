//! Waiting for JavaScript's promises, timers and signals.
//!
//! `JsFuture` and gloo-timers hand closures of this instance to the host. After a trap the instance is replaced, and a closure that is called then throws: in a
//! timer, or in a promise that nobody looks at, which ends a Node process. Here timers and signals settle promises by the host's own `resolve`, and what a
//! closure throws is caught.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use js_sys::{Function, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

use super::host::property;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = setTimeout)]
    fn set_timeout(run: &Function, milliseconds: f64) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue) -> Result<(), JsValue>;

    type Thenable;

    #[wasm_bindgen(catch, method)]
    fn then(this: &Thenable, fulfilled: &JsValue, rejected: &JsValue) -> Result<Thenable, JsValue>;

    type Target;

    #[wasm_bindgen(catch, method, js_name = addEventListener)]
    fn add_event_listener(this: &Target, event: &str, run: &Function) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, method, js_name = removeEventListener)]
    fn remove_event_listener(this: &Target, event: &str, run: &Function) -> Result<(), JsValue>;
}

type Outcome = Result<JsValue, JsValue>;

#[derive(Default)]
struct State {
    outcome: Option<Outcome>,
    waker: Option<Waker>,
}

/// The future of what a promise, or any value, settles to.
pub(super) struct Settled {
    state: Rc<RefCell<State>>,
    _callbacks: [Closure<dyn FnMut(JsValue)>; 2],
}

/// Waits for anything that `await` would wait for.
pub(super) fn settled(value: &JsValue) -> Settled {
    let state = Rc::new(RefCell::new(State::default()));
    let callback = |make: fn(JsValue) -> Outcome| {
        let state = Rc::clone(&state);
        Closure::<dyn FnMut(JsValue)>::new(move |value| settle(&state, make(value)))
    };
    let callbacks = [callback(Ok), callback(Err)];
    let [fulfilled, rejected] = &callbacks;
    let promise: JsValue = Promise::resolve(value).into();
    let next = promise
        .unchecked_ref::<Thenable>()
        .then(fulfilled.as_ref(), rejected.as_ref());
    match next {
        // Any function of the host that does nothing will do.
        Ok(next) => drop(next.then(&JsValue::UNDEFINED, &property(&js_sys::global(), "Boolean"))),
        Err(error) => settle(&state, Err(error)),
    }
    Settled {
        state,
        _callbacks: callbacks,
    }
}

fn settle(state: &RefCell<State>, outcome: Outcome) {
    let waker = state.try_borrow_mut().ok().and_then(|mut state| {
        state.outcome = Some(outcome);
        state.waker.take()
    });
    if let Some(waker) = waker {
        waker.wake();
    }
}

impl Future for Settled {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        let Ok(mut state) = self.state.try_borrow_mut() else {
            return Poll::Pending;
        };
        match state.outcome.take() {
            Some(outcome) => Poll::Ready(outcome),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

/// Makes a promise and the function that resolves it.
fn open_promise() -> (Promise, Option<Function>) {
    let mut resolve = None;
    let promise = Promise::new(&mut |fulfil, _| resolve = Some(fulfil));
    (promise, resolve)
}

/// A timer. It is cleared when it is dropped, so that it keeps no process alive.
pub(super) struct Timer {
    id: JsValue,
    promise: Promise,
}

impl Timer {
    /// Starts a timer that fires after so many milliseconds.
    pub(super) fn after(milliseconds: f64) -> Result<Self, JsValue> {
        let (promise, resolve) = open_promise();
        let resolve = resolve.ok_or(JsValue::UNDEFINED)?;
        let id = set_timeout(&resolve, milliseconds)?;
        Ok(Timer { id, promise })
    }

    pub(super) fn fired(&self) -> Settled {
        settled(&self.promise)
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        // A host that cannot clear a timer lets it run out.
        let _ = clear_timeout(&self.id);
    }
}

/// The caller's abort signal, listened to until this is dropped.
pub(super) struct Listening {
    signal: JsValue,
    resolve: Function,
    promise: Promise,
}

impl Listening {
    /// Starts to listen. A signal that is none of the platform's may throw.
    pub(super) fn to(signal: &JsValue) -> Result<Self, JsValue> {
        let (promise, resolve) = open_promise();
        let resolve = resolve.ok_or(JsValue::UNDEFINED)?;
        signal
            .unchecked_ref::<Target>()
            .add_event_listener("abort", &resolve)?;
        Ok(Listening {
            signal: signal.clone(),
            resolve,
            promise,
        })
    }

    pub(super) fn aborted(&self) -> Settled {
        settled(&self.promise)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let target: &Target = self.signal.unchecked_ref();
        // Nothing is lost if it cannot be removed: the promise is settled or forgotten.
        let _ = target.remove_event_listener("abort", &self.resolve);
    }
}
