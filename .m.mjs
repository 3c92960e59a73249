// src/kernel/ids.ts
import { createHash, randomBytes } from "node:crypto";
var counter = randomBytes(3).readUIntBE(0, 3);
var processPart = randomBytes(5).toString("hex");
var randomToken = (bytes = 32) => randomBytes(bytes).toString("base64url");
var hash32 = (text) => {
  let h = 2166136261;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619);
  h = Math.imul(h ^ h >>> 16, 2246822507);
  h = Math.imul(h ^ h >>> 13, 3266489909);
  return (h ^ h >>> 16) >>> 0;
};

// src/kernel/errors.ts
var errorTable = {
  validation_failed: { status: 400, title: "The request does not have the expected form", retryable: false },
  unauthenticated: { status: 401, title: "Sign in first", retryable: false },
  forbidden: { status: 403, title: "You may not do this", retryable: false },
  not_found: { status: 404, title: "There is no such thing, or not for you", retryable: false },
  conflict: { status: 409, title: "This collides with what is already there", retryable: false },
  payload_too_large: { status: 413, title: "The request is too large", retryable: false },
  rate_limited: { status: 429, title: "Too many requests", retryable: true },
  overloaded: { status: 503, title: "Too busy right now", retryable: true },
  unavailable: { status: 503, title: "Not available right now", retryable: true },
  timeout: { status: 504, title: "No answer in time; the outcome is unknown", retryable: true }
};
var Fault = class _Fault extends Error {
  code;
  errors;
  retry_after_ms;
  constructor(code, message, details = {}, cause) {
    super(message ?? errorTable[code].title, cause === void 0 ? void 0 : { cause });
    this.name = "Fault";
    this.code = code;
    this.errors = details.errors;
    this.retry_after_ms = details.retry_after_ms;
  }
  get status() {
    return errorTable[this.code].status;
  }
  get retryable() {
    return errorTable[this.code].retryable;
  }
  /** What crosses process borders and reaches clients. */
  toJSON() {
    return {
      code: this.code,
      message: this.message,
      ...this.errors && { errors: this.errors },
      ...this.retry_after_ms !== void 0 && { retry_after_ms: this.retry_after_ms }
    };
  }
  static fromJSON(json) {
    const code = json.code in errorTable ? json.code : "unavailable";
    return new _Fault(code, json.message, { errors: json.errors, retry_after_ms: json.retry_after_ms });
  }
  /** Any thrown thing as a Fault; a defect becomes `unavailable` with the thing as its cause. */
  static from(thrown) {
    return thrown instanceof _Fault ? thrown : new _Fault("unavailable", "Something went wrong on our side", {}, thrown);
  }
};

// src/actors/runtime/address.ts
var sameAddress = (a, b) => a.key === b.key && a.kind === b.kind;
var addressText = (address) => `${address.kind}/${address.key}`;
var parseAddress = (text) => {
  const slash = text.indexOf("/");
  return slash > 0 ? { kind: text.slice(0, slash), key: text.slice(slash + 1) } : void 0;
};

// src/actors/runtime/context.ts
var LiveContext = class {
  epoch;
  clock;
  #host;
  #post;
  #nodeLogger;
  #logger;
  #timers;
  #deferred;
  #latest;
  #closed = false;
  constructor(host, post, clock, logger2, epoch) {
    this.#host = host;
    this.#post = post;
    this.clock = clock;
    this.#nodeLogger = logger2;
    this.epoch = epoch;
  }
  get address() {
    return this.#host.address;
  }
  get logger() {
    this.#logger ??= this.#nodeLogger.child({ actor: addressText(this.#host.address) });
    return this.#logger;
  }
  /** Answers that are still owed. */
  get owed() {
    return this.#deferred?.size ?? 0;
  }
  tell(to, message) {
    this.#post.tell(to, message);
  }
  ask(to, message, options2) {
    return this.#post.ask(to, message, options2, this.#closed ? void 0 : this.#host.chain());
  }
  defer() {
    if (this.#closed) throw new Error("defer() after the activation ended");
    const sink = this.#host.takeReply();
    if (!sink) return nobody;
    this.#deferred ??= /* @__PURE__ */ new Set();
    const reply = new DeferredReply(sink, this.#deferred, (error) => this.logger.error({ err: error }, "defect: a deferred reply failed"));
    this.#deferred.add(reply);
    this.#latest = reply;
    return reply;
  }
  /** The turn that took its reply out has failed after that. */
  failDeferred(error) {
    this.#latest?.reject(Fault.from(error));
  }
  tellSelf(message) {
    if (!this.#closed) this.#host.tellSelf(message);
  }
  tellSelfAfter(ms, message) {
    if (this.#closed) return { cancel: () => void 0 };
    this.#timers ??= /* @__PURE__ */ new Set();
    const timers = this.#timers;
    const timer = this.clock.after(ms, () => {
      timers.delete(handle);
      if (!this.#closed) this.#host.tellSelf(message);
    });
    const handle = {
      cancel: () => {
        timers.delete(handle);
        timer.cancel();
      }
    };
    timers.add(handle);
    return handle;
  }
  passivate() {
    if (!this.#closed) this.#host.passivate();
  }
  /** Before the actor's `deactivate`: no more turns will come, but it may still send, and answer what it deferred. */
  close() {
    this.#closed = true;
    for (const timer of [...this.#timers ?? []]) timer.cancel();
  }
  /** After the actor's `deactivate`: what is still unanswered may or may not have been done. */
  abandon() {
    this.close();
    for (const reply of [...this.#deferred ?? []]) reply.reject(new Fault("timeout", "The actor ended before it answered"));
  }
};
var nobody = { resolve: () => void 0, reject: () => void 0 };
var DeferredReply = class {
  #sink;
  #owed;
  #onDefect;
  constructor(sink, owed, onDefect) {
    this.#sink = sink;
    this.#owed = owed;
    this.#onDefect = onDefect;
  }
  resolve(value) {
    this.#take()?.resolve(value);
  }
  reject(error) {
    const sink = this.#take();
    if (sink && !(error instanceof Fault)) this.#onDefect(error);
    sink?.reject(Fault.from(error));
  }
  #take() {
    const sink = this.#sink;
    this.#sink = void 0;
    this.#owed.delete(this);
    return sink;
  }
};

// src/actors/runtime/envelope.ts
var NO_DEADLINE = Number.POSITIVE_INFINITY;
var noChain = [];
var Envelope = class _Envelope {
  to;
  message;
  /** Absent for a tell. */
  reply;
  /** This node's monotonic ms; past it the ask is answered `timeout` without a turn. */
  deadline;
  /** The actors whose turns wait for this ask, outermost first. */
  chain;
  scope;
  /** The same for every sending of one ask, so that its receiver can know it again. Empty until it leaves a node. */
  id = "";
  /** How often a node that was no owner passed it on. */
  hops = 0;
  /** When a router began to hold it for want of an owner, in monotonic ms; 0 when never. */
  heldSince = 0;
  constructor(to, message, reply, deadline = NO_DEADLINE, chain = noChain, scope = void 0) {
    this.to = to;
    this.message = message;
    this.reply = reply;
    this.deadline = deadline;
    this.chain = chain;
    this.scope = scope;
  }
  /** The same message, its answer going elsewhere. */
  answeredTo(reply) {
    const same = new _Envelope(this.to, this.message, reply, this.deadline, this.chain, this.scope);
    same.id = this.id;
    same.hops = this.hops;
    return same;
  }
};

// src/actors/runtime/mailbox.ts
var Mailbox = class {
  #limit;
  #places = [];
  #head = 0;
  #size = 0;
  /** `limit`: items that may wait at once, at least 1. */
  constructor(limit) {
    this.#limit = Math.max(1, limit);
  }
  get size() {
    return this.#size;
  }
  /** False when full: nothing was taken, and the caller must answer for it. */
  push(item) {
    if (this.#size >= this.#limit) return false;
    if (this.#size === this.#places.length) this.#grow();
    this.#places[this.#head + this.#size & this.#places.length - 1] = item;
    this.#size++;
    return true;
  }
  peek() {
    return this.#size === 0 ? void 0 : this.#places[this.#head];
  }
  shift() {
    if (this.#size === 0) return void 0;
    const item = this.#places[this.#head];
    this.#places[this.#head] = void 0;
    this.#size--;
    if (this.#size === 0 && this.#places.length > 64) {
      this.#places = [];
      this.#head = 0;
    } else this.#head = this.#head + 1 & this.#places.length - 1;
    return item;
  }
  /** Takes out everything, oldest first. */
  drain() {
    const all = [];
    for (let item = this.shift(); item !== void 0; item = this.shift()) all.push(item);
    return all;
  }
  /** Places are always a power of two, so that a mask replaces the modulo. */
  #grow() {
    const next = new Array(Math.max(4, this.#places.length * 2));
    for (let i = 0; i < this.#size; i++) next[i] = this.#places[this.#head + i & this.#places.length - 1];
    next.fill(void 0, this.#size);
    this.#places = next;
    this.#head = 0;
  }
};

// src/actors/runtime/supervision.ts
import { LRUCache } from "lru-cache";
var Escalate = class extends Error {
  name = "Escalate";
};
var directiveFor = (thrown) => thrown instanceof Fault ? "resume" : thrown instanceof Escalate ? "escalate" : "restart";
var defaultRestarts = { restarts: 5, windowMs: 6e4, coolDownMs: 3e4, addresses: 1e4 };
var RestartBudget = class {
  #clock;
  #limits;
  #records;
  constructor(clock, limits = defaultRestarts) {
    this.#clock = clock;
    this.#limits = limits;
    this.#records = new LRUCache({ max: limits.addresses });
  }
  /** Counts one failure; `stop` once the budget is spent. */
  failed(address) {
    const now = this.#clock.monotonic();
    const text = addressText(address);
    const record = this.#records.get(text) ?? { failures: [], coolUntil: 0 };
    record.failures = record.failures.filter((at) => now - at < this.#limits.windowMs);
    record.failures.push(now);
    const spent = record.failures.length > this.#limits.restarts;
    if (spent) {
      record.failures = [];
      record.coolUntil = now + this.#limits.coolDownMs;
    }
    this.#records.set(text, record);
    return spent ? "stop" : "restart";
  }
  /** Ms until a stopped address may be activated again; 0 when it may. */
  coolingMs(address) {
    if (this.#records.size === 0) return 0;
    const record = this.#records.get(addressText(address));
    return record ? Math.max(0, record.coolUntil - this.#clock.monotonic()) : 0;
  }
};

// src/kernel/scope.ts
import { AsyncLocalStorage } from "node:async_hooks";
var storage = new AsyncLocalStorage();
var currentScope = () => storage.getStore();
var withScope = (scope, run) => storage.run(scope, run);

// src/actors/runtime/turn-scope.ts
var none = Object.freeze({});
var outgoingScope = () => {
  const scope = currentScope();
  return scope === none ? void 0 : scope;
};
var inScope = (scope, run) => {
  const around = currentScope();
  if (around === scope || scope === void 0 && around === none) return run();
  return withScope(scope ?? none, run);
};

// src/actors/runtime/activation.ts
var OWN_LIMIT = 1e4;
var isFinal = (reason) => reason === "handoff" || reason === "shutdown" || reason === "lost";
var rank = (reason) => reason === "lost" ? 2 : isFinal(reason) ? 1 : 0;
var Activation = class {
  address;
  kind;
  /** Monotonic ms of the last message or turn. */
  lastActive;
  #host;
  #mailbox;
  #own;
  #state = "new";
  #queued = false;
  #born;
  #actor;
  #context;
  /** The turn that runs. */
  #turn;
  #took = false;
  #left = false;
  #chain;
  #endReason;
  #ended;
  /** Which call of a hook is under way, so that one given up on cannot speak later. */
  #hook = 0;
  constructor(address, kind, host) {
    this.address = address;
    this.kind = kind;
    this.#host = host;
    this.#mailbox = new Mailbox(kind.mailboxLimit);
    this.#born = host.clock.monotonic();
    this.lastActive = this.#born;
  }
  /** Messages that wait. */
  get depth() {
    return this.#mailbox.size + (this.#own?.size ?? 0);
  }
  /** An actor lives here (or is about to). */
  get live() {
    return this.#state !== "ended";
  }
  /** Nothing runs, waits or is owed: it may be passivated without anybody noticing. */
  get idle() {
    return this.#state === "ready" && !this.#turn && this.depth === 0 && (this.#context?.owed ?? 0) === 0;
  }
  offer(envelope) {
    if (!this.#mailbox.push(envelope)) {
      this.#host.deadLetters.refuse(envelope, new Fault("overloaded", void 0, { retry_after_ms: 500 }), "overloaded");
      return;
    }
    this.#wake();
  }
  /**
   * Ends the incarnation after its running turn. `handoff`, `shutdown` and `lost` end the activation for good and hand what
   * waits to the catalog; after the others waiting messages activate the actor anew. Resolves when `deactivate` has ended.
   * `lost` gives the place up at once: a turn that still runs ends on its own, outside the catalog.
   */
  end(reason) {
    if (this.#state === "ended") return Promise.resolve();
    if (!this.#endReason || rank(reason) > rank(this.#endReason)) this.#endReason = reason;
    this.#ended ??= deferred();
    const { promise } = this.#ended;
    if (reason === "lost") this.#leave(reason);
    this.#tryEnd();
    return promise;
  }
  run(limit, now) {
    this.#queued = false;
    this.lastActive = now;
    if (this.#state === "new") this.#start();
    let taken = 0;
    while (this.#state === "ready" && !this.#turn && taken < limit) {
      const envelope = this.#own?.shift() ?? this.#mailbox.shift();
      if (!envelope) break;
      if (envelope.deadline <= now) envelope.reply?.reject(new Fault("timeout"));
      else {
        taken++;
        this.#take(envelope);
      }
    }
    this.#wake();
    return taken;
  }
  chain() {
    if (!this.#turn) return void 0;
    this.#chain ??= [...this.#turn.chain, this.address];
    return this.#chain;
  }
  takeReply() {
    if (!this.#turn) throw new Error("defer() outside a turn");
    if (this.#took) throw new Error("defer() twice in one turn");
    this.#took = true;
    return this.#turn.reply;
  }
  tellSelf(message) {
    this.#own ??= new Mailbox(OWN_LIMIT);
    const envelope = new Envelope(this.address, message, void 0);
    if (!this.#own.push(envelope)) this.#host.deadLetters.refuse(envelope, new Fault("overloaded"), "overloaded");
    this.#wake();
  }
  passivate() {
    void this.end("idle");
  }
  #wake() {
    if (this.#queued || this.#turn) return;
    if (this.#state === "ready" ? this.depth === 0 : this.#state !== "new") return;
    this.#queued = true;
    this.#host.queue.push(this);
  }
  #start() {
    const refusal = this.#host.refusal(this.address);
    if (refusal) {
      this.#refuseAll(refusal, "cooling");
      this.#finish();
      return;
    }
    this.#state = "starting";
    const { clock, logger: logger2, post } = this.#host;
    inScope(this.#mailbox.peek()?.scope, () => {
      this.#context = new LiveContext(this, post, clock, logger2, this.#host.epochOf(this.address));
      const context = this.#context;
      this.#callHook(
        () => {
          this.#actor = this.kind.create(context);
          return this.#actor.activate?.();
        },
        () => this.#started(),
        (error) => this.#startFailed(error)
      );
    });
  }
  #started() {
    this.#state = "ready";
    this.#host.activated(this, this.#host.clock.monotonic() - this.#born);
    if (this.#endReason) this.#tryEnd();
    else this.#wake();
  }
  /** The actor never lived: whoever waits hears why, and its `deactivate` is not called. */
  #startFailed(error) {
    const directive = directiveFor(error);
    if (directive !== "resume") this.#host.failed(this, error);
    if (!this.#endReason || !isFinal(this.#endReason)) this.#refuseAll(Fault.from(error), "activation_failed");
    this.#endReason ??= "restart";
    this.#finish();
  }
  #take(envelope) {
    this.#turn = envelope;
    this.#took = false;
    this.#chain = void 0;
    this.#host.turned(this);
    let result;
    try {
      result = this.#receive(envelope);
    } catch (error) {
      this.#turnFailed(error);
      return;
    }
    if (isThenable(result)) result.then(this.#onValue, this.#onError);
    else this.#turnEnded(result);
  }
  #receive(envelope) {
    const actor = this.#actor;
    return inScope(envelope.scope, () => actor.receive(envelope.message));
  }
  #onValue = (value) => {
    this.#turnEnded(value);
    this.#wake();
  };
  #onError = (error) => {
    this.#turnFailed(error);
    this.#wake();
  };
  #turnEnded(value) {
    const turn = this.#turn;
    this.#turn = void 0;
    if (!this.#took) turn?.reply?.resolve(value);
    if (this.#endReason) this.#tryEnd();
  }
  /** A Fault is the answer. A defect answers `unavailable`, and the state it may have spoilt is thrown away. */
  #turnFailed(error) {
    const turn = this.#turn;
    this.#turn = void 0;
    if (this.#took) this.#context?.failDeferred(error);
    else turn.reply?.reject(Fault.from(error));
    const directive = directiveFor(error);
    if (directive === "resume") {
      if (!turn.reply) this.#host.logger.info({ to: addressText(this.address), type: turn.message.type, err: error }, "a tell was refused");
    } else {
      this.#host.failed(this, error);
      this.#endReason ??= "restart";
    }
    if (this.#endReason) this.#tryEnd();
  }
  #tryEnd() {
    if (this.#turn || this.#state === "starting" || this.#state === "ending" || this.#state === "ended") return;
    if (this.#state === "new") {
      this.#finish();
      return;
    }
    this.#state = "ending";
    const reason = this.#endReason;
    this.#context.close();
    const actor = this.#actor;
    inScope(
      void 0,
      () => this.#callHook(
        () => actor.deactivate?.(reason),
        () => this.#finish(),
        (error) => {
          this.#host.logger.error({ to: addressText(this.address), reason, err: error }, "defect: deactivate failed");
          this.#finish();
        }
      )
    );
  }
  /** The incarnation is over. */
  #finish() {
    const reason = this.#endReason ?? "idle";
    const ended = this.#ended;
    this.#context?.abandon();
    this.#context = void 0;
    this.#actor = void 0;
    for (const own of this.#own?.drain() ?? []) this.#host.deadLetters.refuse(own, new Fault("unavailable"), "stopped");
    this.#own = void 0;
    this.#endReason = void 0;
    this.#ended = void 0;
    if (!this.#left && !isFinal(reason) && this.#mailbox.size > 0) {
      this.#state = "new";
      this.#born = this.#host.clock.monotonic();
      this.#wake();
    } else {
      this.#state = "ended";
      this.#leave(reason);
    }
    ended?.resolve();
  }
  /** Gives up the place in the catalog, once. */
  #leave(reason) {
    if (this.#left) return;
    this.#left = true;
    this.#host.ended(this, this.#mailbox.drain(), reason);
  }
  #refuseAll(fault, reason) {
    for (const envelope of this.#mailbox.drain()) this.#host.deadLetters.refuse(envelope, fault, reason);
  }
  /** Calls `activate` or `deactivate` with a limit in time; after it the hook counts as failed, and what it still does is ignored. */
  #callHook(call, done, failed) {
    const hook = ++this.#hook;
    let timer;
    const end = (then) => {
      timer?.cancel();
      if (hook !== this.#hook) return;
      this.#hook++;
      then();
    };
    let result;
    try {
      result = call();
    } catch (error) {
      end(() => failed(error));
      return;
    }
    if (!isThenable(result)) {
      end(done);
      return;
    }
    timer = this.#host.clock.after(this.#host.hookMs, () => end(() => failed(new Error(`a hook took over ${this.#host.hookMs} ms`))));
    result.then(
      () => end(done),
      (error) => end(() => failed(error))
    );
  }
};
var deferred = () => {
  let resolve = () => void 0;
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
};
var isThenable = (value) => typeof value === "object" && value !== null && typeof value.then === "function";

// src/actors/runtime/dead-letters.ts
var LOG_EVERY_MS = 1e4;
var DeadLetters = class {
  #clock;
  #logger;
  #telemetry;
  #logged = /* @__PURE__ */ new Map();
  constructor(clock, logger2, telemetry) {
    this.#clock = clock;
    this.#logger = logger2;
    this.#telemetry = telemetry;
  }
  /** An ask is answered with the fault; a tell, which has nobody to answer, is counted. */
  refuse(envelope, fault, reason) {
    if (envelope.reply) {
      envelope.reply.reject(fault);
      return;
    }
    this.#telemetry.deadLetters.inc({ reason });
    const now = this.#clock.monotonic();
    const last = this.#logged.get(reason);
    if (last !== void 0 && now - last < LOG_EVERY_MS) return;
    this.#logged.set(reason, now);
    this.#logger.warn({ to: addressText(envelope.to), type: envelope.message.type, reason }, "dead letter");
  }
};

// src/actors/runtime/passivation.ts
var idleSince = (activations, now) => {
  const idle = [];
  for (const activation of activations) {
    if (now - activation.lastActive >= activation.kind.idleMs && activation.idle) idle.push(activation);
  }
  return idle;
};
var longestIdle = (activations, count) => {
  if (count <= 0) return [];
  const idle = [];
  for (const activation of activations) if (activation.idle) idle.push(activation);
  idle.sort((a, b) => a.lastActive - b.lastActive);
  idle.length = Math.min(idle.length, count);
  return idle;
};

// src/actors/runtime/deadlines.ts
var WIDTH = 10;
var Expiring = class {
  /** Monotonic ms. */
  deadline;
  /** The bucket's own links; nobody else touches them. */
  before;
  after;
  bucket;
  constructor(deadline) {
    this.deadline = deadline;
  }
};
var Deadlines = class {
  #clock;
  #buckets = /* @__PURE__ */ new Map();
  #armed = Number.POSITIVE_INFINITY;
  #timer;
  #size = 0;
  constructor(clock) {
    this.#clock = clock;
  }
  /** How many wait for their deadline. */
  get size() {
    return this.#size;
  }
  add(item) {
    const index = Math.ceil(item.deadline / WIDTH);
    let bucket = this.#buckets.get(index);
    if (!bucket) {
      bucket = { first: void 0 };
      this.#buckets.set(index, bucket);
      if (index < this.#armed) this.#arm(index);
    }
    item.bucket = bucket;
    item.after = bucket.first;
    if (bucket.first) bucket.first.before = item;
    bucket.first = item;
    this.#size++;
  }
  /** Harmless for what is not in here any more. */
  remove(item) {
    const bucket = item.bucket;
    if (!bucket) return;
    if (item.before) item.before.after = item.after;
    else bucket.first = item.after;
    if (item.after) item.after.before = item.before;
    item.before = void 0;
    item.after = void 0;
    item.bucket = void 0;
    this.#size--;
  }
  /** Ends everything that waits, now. */
  expireAll() {
    for (const index of [...this.#buckets.keys()]) this.#expire(index);
    this.#timer?.cancel();
    this.#armed = Number.POSITIVE_INFINITY;
  }
  #arm(index) {
    this.#timer?.cancel();
    this.#armed = index;
    this.#timer = this.#clock.after(Math.max(0, index * WIDTH - this.#clock.monotonic()), () => this.#fire(index));
  }
  #fire(armed) {
    const due = Math.max(armed, Math.floor(this.#clock.monotonic() / WIDTH));
    let next = Number.POSITIVE_INFINITY;
    for (const index of [...this.#buckets.keys()]) {
      if (index <= due) this.#expire(index);
      else if (index < next) next = index;
    }
    this.#armed = Number.POSITIVE_INFINITY;
    for (const index of this.#buckets.keys()) if (index < next) next = index;
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next);
  }
  #expire(index) {
    const bucket = this.#buckets.get(index);
    this.#buckets.delete(index);
    for (let item = bucket?.first; item; item = bucket?.first) {
      this.remove(item);
      item.expire();
    }
  }
};

// src/actors/runtime/post.ts
var DEFAULT_TIMEOUT_MS = 5e3;
var CHAIN_LIMIT = 16;
var PendingAsk = class extends Expiring {
  route = "local";
  /** It waits for somebody to own its address: nobody can have done it. */
  held = false;
  /** Called once, when it is settled by whatever. */
  onSettled;
  #post;
  #resolve;
  #reject;
  #settled = false;
  constructor(post, deadline, resolve, reject) {
    super(deadline);
    this.#post = post;
    this.#resolve = resolve;
    this.#reject = reject;
  }
  get settled() {
    return this.#settled;
  }
  resolve(value) {
    if (this.#settled) return;
    this.#settled = true;
    this.#post.settled(this, "ok");
    this.#resolve(value);
  }
  reject(error) {
    if (this.#settled) return;
    this.#settled = true;
    const fault = Fault.from(error);
    this.#post.settled(this, fault.code);
    this.#reject(fault);
  }
  expire() {
    this.reject(this.held ? new Fault("unavailable", "Nobody owns this right now", { retry_after_ms: 1e3 }) : new Fault("timeout"));
  }
};
var Post = class {
  #clock;
  #logger;
  #tally;
  #outbox;
  #deadlines;
  #limit;
  /** `pendingAsks`: asks that may wait for an answer in this process; one more is refused with `overloaded`. */
  constructor(options2) {
    this.#clock = options2.clock;
    this.#logger = options2.logger;
    this.#tally = options2.tally;
    this.#outbox = options2.outbox;
    this.#limit = options2.pendingAsks;
    this.#deadlines = new Deadlines(options2.clock);
  }
  get pending() {
    return this.#deadlines.size;
  }
  tell(to, message) {
    this.#outbox.send(new Envelope(to, message, void 0, NO_DEADLINE, void 0, outgoingScope()));
  }
  ask(to, message, options2, chain) {
    return new Promise((resolve, reject) => {
      const refusal = this.#refusal(to, chain);
      if (refusal) {
        this.#tally.ask("local", refusal.code);
        reject(refusal);
        return;
      }
      const deadline = this.#clock.monotonic() + (options2?.timeoutMs ?? DEFAULT_TIMEOUT_MS);
      const pending = new PendingAsk(this, deadline, resolve, reject);
      this.#deadlines.add(pending);
      this.#outbox.send(new Envelope(to, message, pending, deadline, chain, outgoingScope()));
    });
  }
  /** Only for PendingAsk. */
  settled(ask, outcome) {
    this.#deadlines.remove(ask);
    this.#tally.ask(ask.route, outcome);
    ask.onSettled?.();
  }
  /** Fails every ask that waits, with `timeout`: whether they were done is unknown. */
  stop() {
    this.#deadlines.expireAll();
  }
  #refusal(to, chain) {
    if (this.#deadlines.size >= this.#limit) return new Fault("overloaded", void 0, { retry_after_ms: 1e3 });
    if (!chain) return void 0;
    if (chain.length <= CHAIN_LIMIT && !chain.some((a) => sameAddress(a, to))) return void 0;
    this.#logger.error({ chain: [...chain, to].map(addressText) }, "defect: a chain of asks comes back to an actor that waits in it");
    return new Fault("unavailable", "This would wait for itself");
  }
};

// src/actors/runtime/run-queue.ts
var defaultSlice = { turns: 2e4, ms: 5, perActivation: 64 };
var COMPACT = 1024;
var RunQueue = class {
  #clock;
  #limits;
  #queue = [];
  #head = 0;
  #scheduled = false;
  /** A slice has begun: an immediate is under way that ends it. */
  #slice = false;
  #sliceStart = 0;
  #turns = 0;
  #drainBound = () => this.#drain();
  constructor(clock, limits = defaultSlice) {
    this.#clock = clock;
    this.#limits = limits;
  }
  push(runnable) {
    this.#queue.push(runnable);
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(this.#drainBound);
  }
  #drain() {
    let now = this.#clock.monotonic();
    if (!this.#slice) this.#begin(now);
    let nextLook = this.#turns + 64;
    while (this.#head < this.#queue.length) {
      if (this.#turns >= nextLook) {
        now = this.#clock.monotonic();
        nextLook = this.#turns + 64;
      }
      if (this.#turns >= this.#limits.turns || now - this.#sliceStart >= this.#limits.ms) return;
      const runnable = this.#queue[this.#head];
      this.#queue[this.#head++] = void 0;
      if (this.#head >= COMPACT) {
        this.#queue = this.#queue.slice(this.#head);
        this.#head = 0;
      }
      this.#turns += 1 + runnable.run(this.#limits.perActivation, now);
    }
    this.#queue.length = 0;
    this.#head = 0;
    this.#scheduled = false;
  }
  #begin(now) {
    this.#slice = true;
    this.#sliceStart = now;
    this.#turns = 0;
    setImmediate(() => {
      this.#slice = false;
      if (this.#scheduled) this.#drain();
    });
  }
};

// src/actors/runtime/tally.ts
var Tally = class {
  #telemetry;
  #asks = { local: /* @__PURE__ */ new Map(), remote: /* @__PURE__ */ new Map() };
  #turns = /* @__PURE__ */ new Map();
  /** The commonest of all, apart. */
  localOk = 0;
  constructor(telemetry) {
    this.#telemetry = telemetry;
  }
  ask(route, outcome) {
    if (route === "local" && outcome === "ok") {
      this.localOk++;
      return;
    }
    const counts = this.#asks[route];
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  turns(kind, count) {
    if (count > 0) this.#turns.set(kind, (this.#turns.get(kind) ?? 0) + count);
  }
  flush() {
    if (this.localOk > 0) this.#telemetry.asks.inc({ route: "local", outcome: "ok" }, this.localOk);
    this.localOk = 0;
    for (const route of ["local", "remote"]) {
      for (const [outcome, count] of this.#asks[route]) this.#telemetry.asks.inc({ route, outcome }, count);
      this.#asks[route].clear();
    }
    for (const [kind, count] of this.#turns) this.#telemetry.turns.inc({ kind }, count);
    this.#turns.clear();
  }
};

// src/actors/runtime/catalog.ts
var defaultCatalogLimits = {
  activations: 5e4,
  pendingAsks: 1e5,
  sweepMs: 1e3,
  hookMs: 1e4,
  restarts: defaultRestarts
};
var Catalog = class {
  clock;
  logger;
  queue;
  deadLetters;
  tally;
  /** Tells and asks; also the actors' own. */
  post;
  #telemetry;
  #limits;
  #budget;
  #shelves = /* @__PURE__ */ new Map();
  #epochOf;
  #onEscalate;
  /** What waits in an activation that is being evacuated goes here. */
  #evacuated = /* @__PURE__ */ new Map();
  #size = 0;
  #relieving = false;
  #sweep;
  #stopped = false;
  constructor(options2) {
    this.clock = options2.clock;
    this.logger = options2.logger;
    this.#telemetry = options2.telemetry;
    this.#limits = { ...defaultCatalogLimits, ...options2.limits };
    this.#epochOf = options2.epochOf;
    this.#onEscalate = options2.onEscalate;
    this.queue = new RunQueue(options2.clock);
    this.deadLetters = new DeadLetters(options2.clock, options2.logger, options2.telemetry);
    this.tally = new Tally(options2.telemetry);
    this.#budget = new RestartBudget(options2.clock, this.#limits.restarts);
    const send = options2.outbox ?? ((envelope) => this.deliver(envelope));
    this.post = new Post({
      clock: options2.clock,
      logger: options2.logger,
      tally: this.tally,
      outbox: { send },
      pendingAsks: this.#limits.pendingAsks
    });
    for (const kind of options2.kinds) {
      if (kind.name.includes("/") || this.#shelves.has(kind.name)) throw new Error(`bad or doubled actor kind: ${kind.name}`);
      this.#shelves.set(kind.name, { kind, activations: /* @__PURE__ */ new Map(), turns: 0 });
    }
  }
  get hookMs() {
    return this.#limits.hookMs;
  }
  /** Living activations. */
  get size() {
    return this.#size;
  }
  /** Messages that wait in all mailboxes; walks all activations. */
  get depth() {
    let depth = 0;
    for (const activation of this.#all()) depth += activation.depth;
    return depth;
  }
  /** Living activations by kind. */
  counts() {
    return Object.fromEntries([...this.#shelves].map(([name2, shelf]) => [name2, shelf.activations.size]));
  }
  /** Begins the sweeps. Harmless when begun before. */
  start() {
    this.#stopped = false;
    this.#sweep ??= this.clock.every(this.#limits.sweepMs, () => this.sweep());
  }
  /** Puts the envelope into its actor's mailbox, activating it when need be. Never throws; answers for what it refuses. */
  deliver(envelope) {
    const { kind, key } = envelope.to;
    const shelf = this.#shelves.get(kind);
    const activation = shelf?.activations.get(key);
    if (activation) activation.offer(envelope);
    else this.#activate(shelf, envelope);
  }
  /** Tells every living activation of a kind; activates none. */
  tellAll(kind, message) {
    for (const key of this.#shelves.get(kind)?.activations.keys() ?? []) this.post.tell({ kind, key }, message);
  }
  has(address) {
    return this.#shelves.get(address.kind)?.activations.has(address.key) ?? false;
  }
  /** Passivates what has been idle long enough or is too many, and brings the metrics up to date. */
  sweep() {
    for (const activation of idleSince(this.#all(), this.clock.monotonic())) void activation.end("idle");
    this.#relieve();
    this.report();
  }
  /** Moves what was counted since the last time into the metrics. */
  report() {
    this.#telemetry.mailboxDepth.set(this.depth);
    for (const [name2, shelf] of this.#shelves) {
      this.#telemetry.activations.set({ kind: name2 }, shelf.activations.size);
      this.tally.turns(name2, shelf.turns);
      shelf.turns = 0;
    }
    this.tally.flush();
  }
  /** Passivates the `count` actors that have been idle longest; answers how many there were. */
  relieve(count) {
    const chosen = longestIdle(this.#all(), count);
    for (const activation of chosen) void activation.end("memory");
    return chosen.length;
  }
  /**
   * Ends every activation chosen, and answers what waited in their mailboxes (oldest first in each) once all have ended. The
   * caller must keep new messages for them away meanwhile. With `lost` nothing is waited for. One that has not ended after
   * `limitMs` is given up as lost: its running turn ends on its own, and only the store keeps it from being believed.
   */
  async evacuate(chosen, reason, limitMs = this.#limits.hookMs + 1e3) {
    const leftover = [];
    const endings = [];
    const going = [...this.#all()].filter((activation) => chosen(activation.address));
    for (const activation of going) {
      this.#evacuated.set(activation, leftover);
      endings.push(activation.end(reason));
    }
    if (reason === "lost" || endings.length === 0) return leftover;
    let timer;
    const late = new Promise((resolve) => {
      timer = this.clock.after(limitMs, resolve);
    });
    await Promise.race([Promise.all(endings), late]);
    timer?.cancel();
    for (const activation of going) {
      if (!activation.live) continue;
      this.logger.error({ to: addressText(activation.address), reason }, "an activation did not end in time and is given up");
      void activation.end("lost");
    }
    return leftover;
  }
  /** Ends all activations in good order; what still waits is refused with `unavailable`, pending asks fail with `timeout`. */
  async stop(reason = "shutdown") {
    this.#stopped = true;
    this.#sweep?.cancel();
    this.#sweep = void 0;
    this.refuse(await this.evacuate(() => true, reason), "stopped");
    this.post.stop();
    this.report();
  }
  /** Answers `unavailable` to what can go nowhere from here. */
  refuse(envelopes, reason) {
    for (const envelope of envelopes) this.#refuse(envelope, reason);
  }
  epochOf(address) {
    return this.#epochOf?.(address) ?? 1;
  }
  refusal(address) {
    const ms = this.#budget.coolingMs(address);
    return ms > 0 ? new Fault("unavailable", "Failed too often; trying again later", { retry_after_ms: Math.ceil(ms) }) : void 0;
  }
  activated(activation, ms) {
    this.#telemetry.activationSeconds.observe({ kind: activation.kind.name }, ms / 1e3);
  }
  turned(activation) {
    const shelf = this.#shelves.get(activation.kind.name);
    if (shelf) shelf.turns++;
  }
  failed(activation, error) {
    const { address } = activation;
    const directive = directiveFor(error) === "escalate" ? "escalate" : this.#budget.failed(address);
    this.#telemetry.restarts.inc({ kind: activation.kind.name, directive });
    this.logger.error({ to: addressText(address), directive, err: error }, "defect: an actor failed");
    if (directive === "escalate") this.#onEscalate?.(address, error);
  }
  ended(activation, leftover, reason) {
    const shelf = this.#shelves.get(activation.kind.name);
    if (shelf?.activations.get(activation.address.key) === activation) {
      shelf.activations.delete(activation.address.key);
      this.#size--;
    }
    const sink = this.#evacuated.get(activation);
    this.#evacuated.delete(activation);
    if (sink) sink.push(...leftover);
    else for (const envelope of leftover) this.#refuse(envelope, reason === "lost" ? "lost" : "stopped");
  }
  #activate(shelf, envelope) {
    if (!shelf) {
      this.deadLetters.refuse(envelope, new Fault("unavailable", `No actor of kind ${envelope.to.kind} here`), "unknown_kind");
      return;
    }
    if (this.#stopped) {
      this.#refuse(envelope, "stopped");
      return;
    }
    if (this.#size >= 2 * this.#limits.activations) {
      this.deadLetters.refuse(envelope, new Fault("overloaded", void 0, { retry_after_ms: 1e3 }), "overloaded");
      return;
    }
    const refusal = this.refusal(envelope.to);
    if (refusal) {
      this.deadLetters.refuse(envelope, refusal, "cooling");
      return;
    }
    const activation = new Activation(envelope.to, shelf.kind, this);
    shelf.activations.set(envelope.to.key, activation);
    this.#size++;
    activation.offer(envelope);
    if (this.#size > this.#limits.activations * 1.1) this.#relieve();
  }
  /** Above the limit: the longest idle go, at most once in a turn of the event loop. */
  #relieve() {
    if (this.#relieving || this.#size <= this.#limits.activations) return;
    this.#relieving = true;
    setImmediate(() => {
      this.#relieving = false;
      this.relieve(this.#size - this.#limits.activations);
    });
  }
  #refuse(envelope, reason) {
    this.deadLetters.refuse(envelope, new Fault("unavailable", void 0, { retry_after_ms: 1e3 }), reason);
  }
  *#all() {
    for (const shelf of this.#shelves.values()) yield* shelf.activations.values();
  }
};

// src/actors/cluster/slot.ts
var SLOTS = 512;
var slotOf = (address) => hash32(`${address.kind}/${address.key}`) % SLOTS;

// src/actors/cluster/directory.ts
var Directory = class {
  #table;
  #logger;
  #version = -1;
  #members = /* @__PURE__ */ new Map();
  #claims = new Array(SLOTS).fill(void 0);
  #listeners = [];
  #reading;
  #next;
  constructor(table, logger2) {
    this.#table = table;
    this.#logger = logger2;
  }
  get version() {
    return this.#version;
  }
  get members() {
    return this.#members;
  }
  /** The claim as it stands, whether or not its owner lives. */
  claimOf(slot) {
    return this.#claims[slot];
  }
  /** The living owner's instance. */
  ownerOf(slot) {
    const claim2 = this.#claims[slot];
    return claim2 && this.#members.has(claim2.instance) ? claim2.instance : void 0;
  }
  /** Called in order of registration, after the directory has changed. */
  onChange(listener) {
    this.#listeners.push(listener);
  }
  /** Resolves when what was true at the time of the call is known; calls that come together share one reading. */
  refresh() {
    if (!this.#reading) {
      this.#reading = this.#read().finally(() => {
        this.#reading = void 0;
      });
      return this.#reading;
    }
    this.#next ??= this.#reading.catch(() => void 0).then(() => {
      this.#next = void 0;
      return this.refresh();
    });
    return this.#next;
  }
  /** The same, where nobody waits: a failure is logged, the next renewal looks again. */
  refreshSoon() {
    this.refresh().catch((error) => this.#logger.warn({ err: error }, "could not read the slot table"));
  }
  async #read() {
    const snapshot = await this.#table.read();
    const members = new Map(snapshot.members.map((m) => [m.instance, m]));
    const gone = [...this.#members.values()].filter((m) => !members.has(m.instance));
    const claims = Array.from({ length: SLOTS }, (_, slot) => snapshot.claims.get(slot));
    const moves = [];
    for (let slot = 0; slot < SLOTS; slot++) {
      const from = this.#claims[slot]?.instance;
      const to = claims[slot]?.instance;
      if (from !== to) moves.push({ slot, from, to });
    }
    this.#version = snapshot.version;
    this.#members = members;
    this.#claims = claims;
    for (const listener of this.#listeners) listener({ gone, moves });
  }
};

// src/actors/cluster/placement.ts
var desiredOwners = (instances) => {
  const sorted = [...instances].sort();
  return Array.from({ length: SLOTS }, (_, slot) => {
    let best;
    let bestWeight = -1;
    for (const instance of sorted) {
      const weight = hash32(`${slot}@${instance}`);
      if (weight > bestWeight) {
        best = instance;
        bestWeight = weight;
      }
    }
    return best;
  });
};

// src/actors/cluster/holdings.ts
var HANDOFF_GROUP = 64;
var CLAIM_ROUNDS = 4;
var Holdings = class {
  #table;
  #witness;
  #directory;
  #logger;
  #host;
  #served = /* @__PURE__ */ new Map();
  #leaving = /* @__PURE__ */ new Set();
  #self;
  #problem = "starting";
  #reconciling;
  #again = false;
  /** Why the last claim could not be served. */
  #blocked;
  constructor(options2) {
    this.#table = options2.table;
    this.#witness = options2.witness;
    this.#directory = options2.directory;
    this.#logger = options2.logger;
    this.#host = options2.host;
  }
  get count() {
    return this.#served.size;
  }
  /** Why not every slot that should be served here is; undefined when all are. */
  get problem() {
    return this.#problem;
  }
  serves(slot) {
    return this.#served.has(slot) && !this.#leaving.has(slot);
  }
  /** On its way out, or claimed and not served yet. */
  settling(slot) {
    if (this.#leaving.has(slot)) return true;
    return this.#self !== void 0 && !this.#served.has(slot) && this.#directory.claimOf(slot)?.instance === this.#self;
  }
  /** The epoch under which an address's slot is served; 0 when it is not. */
  epochOf(address) {
    return this.#served.get(slotOf(address)) ?? 0;
  }
  /** A new incarnation begins with nothing. */
  begin(instance) {
    this.#self = instance;
    this.#problem = "claiming slots";
  }
  /** Everything is lost, now. */
  drop(reason) {
    this.#self = void 0;
    this.#served.clear();
    this.#leaving.clear();
    this.#problem = reason;
    this.#host.changed();
  }
  /** All slots go: nothing is served from here on. Resolves when their actors have ended. The claims still stand. */
  async vacate() {
    for (const slot of this.#served.keys()) this.#leaving.add(slot);
    this.#self = void 0;
    this.#problem = "draining";
    this.#host.putBack(await this.#host.evacuate(() => true, "shutdown"));
  }
  /** Compares what should be with what is, and moves towards it. One at a time; a call during one makes it look again. Never rejects. */
  reconcile() {
    this.#again = true;
    this.#reconciling ??= this.#loop().finally(() => {
      this.#reconciling = void 0;
    });
    return this.#reconciling;
  }
  async #loop() {
    while (this.#again) {
      this.#again = false;
      const self = this.#self;
      if (self === void 0) return;
      try {
        await this.#directory.refresh();
        if (this.#self === self) await this.#step(self);
      } catch (error) {
        this.#problem ??= "the slot table cannot be reached";
        this.#logger.warn({ err: error }, "could not bring the slots in order; trying again at the next renewal");
      }
    }
  }
  async #step(self) {
    this.#dropForeign(self);
    const members = this.#directory.members;
    if (!members.has(self)) return;
    const desired = desiredOwners(members.keys());
    const going = [];
    const wanted = [];
    const stray = /* @__PURE__ */ new Map();
    let awaited = 0;
    for (let slot = 0; slot < SLOTS; slot++) {
      const mine = desired[slot] === self;
      if (this.#served.has(slot)) {
        if (!mine && !this.#leaving.has(slot)) going.push(slot);
      } else if (mine) {
        const owner = this.#directory.ownerOf(slot);
        if (owner === void 0 || owner === self) wanted.push(slot);
        else awaited++;
      } else if (this.#directory.claimOf(slot)?.instance === self) stray.set(slot, this.#directory.claimOf(slot).epoch);
    }
    if (stray.size > 0) await this.#table.release(self, stray);
    for (let i = 0; i < going.length; i += HANDOFF_GROUP) this.#handOff(self, going.slice(i, i + HANDOFF_GROUP));
    const missing = wanted.length > 0 ? wanted.length - await this.#claim(self, wanted) : 0;
    if (this.#self !== self) return;
    if (missing + awaited === 0) this.#problem = void 0;
    else if (this.#problem !== void 0 || missing > 0) this.#problem = this.#blocked ?? `${missing + awaited} slots are still to come`;
  }
  /** The table says that others own what is served here: they do. */
  #dropForeign(self) {
    const lost = /* @__PURE__ */ new Set();
    for (const [slot, epoch] of this.#served) {
      const claim2 = this.#directory.claimOf(slot);
      if (this.#leaving.has(slot) || claim2?.instance === self && claim2.epoch === epoch) continue;
      lost.add(slot);
    }
    if (lost.size === 0) return;
    this.#logger.error({ slots: lost.size }, "slots were taken from this node");
    for (const slot of lost) this.#served.delete(slot);
    this.#host.changed();
    this.#background(
      this.#host.evacuate((a) => lost.has(slotOf(a)), "lost").then((leftover) => this.#host.putBack(leftover)),
      "could not drop what was lost"
    );
  }
  #handOff(self, slots) {
    const group = new Set(slots);
    for (const slot of group) this.#leaving.add(slot);
    this.#background(this.#release(self, group), "a hand-off failed");
  }
  async #release(self, group) {
    const leftover = await this.#host.evacuate((a) => group.has(slotOf(a)), "handoff");
    this.#host.putBack(leftover);
    if (this.#self !== self) return;
    const claims = new Map([...group].flatMap((slot) => this.#served.has(slot) ? [[slot, this.#served.get(slot)]] : []));
    try {
      await this.#table.release(self, claims);
    } catch (error) {
      this.#logger.warn({ err: error }, "whether slots were handed off is unknown; looking again");
    }
    if (this.#self !== self) return;
    for (const slot of group) {
      this.#leaving.delete(slot);
      this.#served.delete(slot);
    }
    this.#host.changed();
    await this.reconcile();
    this.#host.release(group);
  }
  /** Claims, lets the epoch be witnessed, serves. Answers how many slots are served now of those wanted. */
  async #claim(self, wanted) {
    this.#blocked = void 0;
    for (let round = 0; round < CLAIM_ROUNDS; round++) {
      const before = await this.#witnessed(0);
      if (before === void 0) return 0;
      const { epoch, slots } = await this.#table.claim(self, wanted);
      if (slots.length === 0) return 0;
      if (epoch > before && await this.#seen(epoch)) return this.#serve(self, epoch, slots);
      if (this.#blocked !== void 0) return 0;
      if (epoch <= before) {
        this.#logger.error({ epoch, witnessed: before }, "the epoch counter has gone back (Redis lost its data): lifting it");
        await this.#table.raiseEpoch(before);
      }
    }
    this.#blocked = "no epoch above the witnessed one could be claimed";
    return 0;
  }
  /** A higher one stored meanwhile is another node's, unless the counter has not come that far itself. */
  async #seen(epoch) {
    const stored = await this.#witnessed(epoch);
    if (stored === void 0) return false;
    if (stored === epoch) return true;
    return await this.#table.raiseEpoch(stored) >= stored;
  }
  async #witnessed(epoch) {
    try {
      return await this.#witness.raise(epoch);
    } catch (error) {
      this.#blocked = "the epoch cannot be witnessed";
      this.#logger.warn({ err: error }, "no slot is served without a witness of its epoch");
      return void 0;
    }
  }
  #serve(self, epoch, slots) {
    if (this.#self !== self) return 0;
    for (const slot of slots) {
      this.#leaving.delete(slot);
      this.#served.set(slot, epoch);
    }
    this.#host.changed();
    this.#host.release(slots);
    this.#again = true;
    return slots.length;
  }
  #background(work, failure) {
    work.catch((error) => this.#logger.error({ err: error }, failure));
  }
};

// src/actors/cluster/membership.ts
var defaultLease = { leaseMs: 5e3, renewMs: 1e3, marginMs: 500 };
var Membership = class {
  #leases;
  #clock;
  #logger;
  #limits;
  #host;
  #member;
  /** Monotonic ms until which this node may act. */
  #until = 0;
  #tick;
  #fence;
  #joining = false;
  #running = false;
  constructor(leases, clock, logger2, limits, host) {
    this.#leases = leases;
    this.#clock = clock;
    this.#logger = logger2;
    this.#limits = limits;
    this.#host = host;
  }
  /** The living incarnation; undefined before joining and while fenced. */
  get member() {
    return this.#member;
  }
  /** Whether this node may act on what it owns. Costs one look at the clock; fences when the lease has run out unnoticed. */
  valid() {
    if (!this.#member) return false;
    if (this.#clock.monotonic() < this.#until) return true;
    this.#fenceNow("the lease ran out");
    return false;
  }
  /** Joins, or keeps trying at every renewal interval in the background. */
  start() {
    if (this.#running) return;
    this.#running = true;
    this.#tick = this.#clock.every(this.#limits.renewMs, () => this.#beat());
    this.#beat();
  }
  /** Ends the lease so that others take over at once; without an answer from the store they do when it ends by itself. */
  async leave() {
    const member = this.#member;
    this.halt();
    if (member) await this.#leases.leave(member.instance);
  }
  /** Renews no more, says nothing to anybody. */
  halt() {
    this.#running = false;
    this.#tick?.cancel();
    this.#fence?.cancel();
    this.#member = void 0;
  }
  #beat() {
    const work = this.#member ? this.#renew(this.#member) : this.#join();
    work.catch((error) => this.#logger.warn({ err: error, member: this.#member?.instance }, "could not renew the lease"));
  }
  async #join() {
    if (this.#joining) return;
    this.#joining = true;
    try {
      const member = this.#host.incarnation();
      await this.#host.preparing(member);
      const sent = this.#clock.monotonic();
      const { version } = await this.#leases.join(member, this.#limits.leaseMs).catch((error) => {
        this.#leases.leave(member.instance).catch(() => void 0);
        throw error;
      });
      if (!this.#running) {
        await this.#leases.leave(member.instance);
        return;
      }
      this.#member = member;
      this.#extend(sent);
      if (!this.valid()) return;
      this.#host.joined(member);
      this.#host.renewed(version);
    } finally {
      this.#joining = false;
    }
  }
  async #renew(member) {
    const sent = this.#clock.monotonic();
    const { alive, version } = await this.#leases.renew(member.instance, this.#limits.leaseMs);
    if (this.#member !== member) return;
    if (!alive) {
      this.#fenceNow("the cluster had declared this node dead");
      this.#beat();
      return;
    }
    this.#extend(sent);
    if (this.valid()) this.#host.renewed(version);
  }
  #extend(sent) {
    const until = sent + this.#limits.leaseMs - this.#limits.marginMs;
    if (until <= this.#until && this.#fence) return;
    this.#until = until;
    this.#armFence();
  }
  /** A real timer may fire a little before its time: then once more. */
  #armFence() {
    this.#fence?.cancel();
    this.#fence = this.#clock.after(Math.max(1, this.#until - this.#clock.monotonic()), () => {
      if (this.valid()) this.#armFence();
    });
  }
  #fenceNow(reason) {
    const member = this.#member;
    if (!member) return;
    this.#member = void 0;
    this.#until = 0;
    this.#fence?.cancel();
    this.#fence = void 0;
    this.#logger.error({ member: member.instance, reason }, "this node is fenced: it owns nothing any more and joins anew");
    this.#host.fenced(reason);
  }
};

// src/actors/cluster/answered.ts
import { LRUCache as LRUCache2 } from "lru-cache";
var defaultAnswered = { answers: 4096, bytes: 16 * 1024 * 1024, running: 2e4 };
var Answered = class {
  #answers;
  #running;
  constructor(limits = defaultAnswered) {
    this.#answers = new LRUCache2({
      max: limits.answers,
      maxSize: limits.bytes,
      sizeCalculation: (text) => text.length
    });
    this.#running = new LRUCache2({ max: limits.running });
  }
  /** The answer, `running`, or undefined for an ask never seen, which then counts as running. */
  begin(id) {
    const answer = this.#answers.get(id);
    if (answer !== void 0) return answer;
    if (this.#running.has(id)) return "running";
    this.#running.set(id, true);
    return void 0;
  }
  /** `answer` is kept for when the ask comes again. */
  end(id, answer) {
    this.#running.delete(id);
    this.#answers.set(id, answer);
  }
  /** It was not done here: passed on, or refused before its turn. */
  forget(id) {
    this.#running.delete(id);
  }
};

// src/actors/cluster/handovers.ts
var Handovers = class {
  #clock;
  #limitMs;
  #onEnd;
  #open = /* @__PURE__ */ new Map();
  #bySlot = /* @__PURE__ */ new Map();
  #count = 0;
  /** `limitMs`: how long an old owner is waited for. */
  constructor(clock, limitMs, onEnd) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#onEnd = onEnd;
  }
  has(slot) {
    return this.#bySlot.size > 0 && this.#bySlot.has(slot);
  }
  /** Answers the id that the old owner is to name. A slot that is in one already waits for the newer. */
  begin(from, slots) {
    const id = `h${this.#count++}`;
    const timer = this.#clock.after(this.#limitMs, () => this.end(id));
    this.#open.set(id, { from, slots: new Set(slots), timer });
    for (const slot of slots) this.#bySlot.set(slot, id);
    return id;
  }
  /** Harmless for one that has ended. */
  end(id) {
    const handover = this.#open.get(id);
    if (!handover) return;
    this.#open.delete(id);
    handover.timer.cancel();
    for (const slot of handover.slots) {
      if (this.#bySlot.get(slot) === id) this.#bySlot.delete(slot);
    }
    this.#onEnd(handover.from, handover.slots);
  }
  /** The old owner lives no more. */
  endFrom(from) {
    for (const [id, handover] of [...this.#open]) if (handover.from === from) this.end(id);
  }
  endAll() {
    for (const id of [...this.#open.keys()]) this.end(id);
  }
};

// src/actors/cluster/held.ts
var Held = class {
  #limit;
  #bySlot = /* @__PURE__ */ new Map();
  #size = 0;
  /** `limit`: envelopes in all slots together. */
  constructor(limit) {
    this.#limit = limit;
  }
  get size() {
    return this.#size;
  }
  has(slot) {
    return this.#bySlot.has(slot);
  }
  slots() {
    return [...this.#bySlot.keys()];
  }
  /** False when full. */
  push(slot, envelope) {
    if (this.#size >= this.#limit) return false;
    const waiting = this.#bySlot.get(slot);
    if (waiting) waiting.push(envelope);
    else this.#bySlot.set(slot, [envelope]);
    this.#size++;
    return true;
  }
  /** Ahead of what waits already, and whatever the limit: these had a place before, in a mailbox. */
  unshift(slot, envelopes) {
    if (envelopes.length === 0) return;
    this.#bySlot.set(slot, envelopes.concat(this.#bySlot.get(slot) ?? []));
    this.#size += envelopes.length;
  }
  take(slot) {
    const waiting = this.#bySlot.get(slot) ?? [];
    this.#bySlot.delete(slot);
    this.#size -= waiting.length;
    return waiting;
  }
  /** Takes out those for which there is no more use. */
  sift(useless) {
    const out = [];
    for (const [slot, waiting] of [...this.#bySlot]) {
      const kept = waiting.filter((e) => {
        const drop = useless(e);
        if (drop) out.push(e);
        return !drop;
      });
      if (kept.length === 0) this.#bySlot.delete(slot);
      else this.#bySlot.set(slot, kept);
    }
    this.#size -= out.length;
    return out;
  }
};

// src/actors/cluster/wire.ts
var WIRE_VERSION = 1;
var encodeEnvelope = (envelope, askedBy, now) => {
  const item = { t: "m", v: WIRE_VERSION, k: envelope.to.kind, y: envelope.to.key, m: envelope.message };
  if (envelope.id !== "") {
    item.i = envelope.id;
    item.f = askedBy;
    item.d = Math.max(1, Math.ceil(envelope.deadline - now));
  }
  if (envelope.chain.length > 0) item.c = envelope.chain.map(addressText);
  if (envelope.scope) item.s = envelope.scope;
  if (envelope.hops > 0) item.h = envelope.hops;
  return JSON.stringify(item);
};
var decodeEnvelope = (item, reply, now) => {
  const deadline = item.i === void 0 ? NO_DEADLINE : now + (item.d ?? 0);
  const chain = item.c?.map(parseAddress).filter((a) => a !== void 0);
  const envelope = new Envelope({ kind: item.k, key: item.y }, item.m, reply, deadline, chain, item.s);
  envelope.id = item.i ?? "";
  envelope.hops = item.h ?? 0;
  return envelope;
};
var encodeValue = (id, value) => {
  try {
    return JSON.stringify({ t: "r", i: id, r: value });
  } catch (error) {
    return encodeFault(id, Fault.from(error));
  }
};
var encodeFault = (id, fault) => JSON.stringify({ t: "e", i: id, e: fault.toJSON() });
var decodeBody = (body) => {
  try {
    const items = JSON.parse(body);
    return Array.isArray(items) ? items : void 0;
  } catch {
    return void 0;
  }
};

// src/actors/cluster/outgoing.ts
var defaultOutgoing = { pending: 2e4, batch: 256, batchBytes: 256 * 1024, retryMs: 100 };
var Outgoing = class {
  #mail;
  #from;
  #clock;
  #logger;
  #telemetry;
  #limits;
  /** No such inbox (any more): the items that were not delivered, in order. */
  #onGone;
  #targets = /* @__PURE__ */ new Map();
  /** Numbers entries to all targets together, so that they grow for each, also for one that was forgotten meanwhile. */
  #entries = 0;
  #closed = false;
  constructor(options2) {
    this.#mail = options2.mail;
    this.#from = options2.from;
    this.#clock = options2.clock;
    this.#logger = options2.logger;
    this.#telemetry = options2.telemetry;
    this.#limits = options2.limits;
    this.#onGone = options2.onGone;
  }
  /** Whether anything was ever sent there. */
  knows(target) {
    return this.#targets.has(target);
  }
  /** False when too much waits for the target already. */
  push(target, item) {
    if (this.#closed) return false;
    let t = this.#targets.get(target);
    if (!t) {
      t = { waiting: new Mailbox(this.#limits.pending), taken: 0, done: 0, busy: false };
      this.#targets.set(target, t);
    }
    if (!t.waiting.push(item)) return false;
    t.taken++;
    if (!t.busy) {
      t.busy = true;
      const begun = t;
      setImmediate(() => void this.#flush(target, begun));
    }
    return true;
  }
  /** A question that turns true when all that waits now has left (or its target is gone). */
  mark() {
    const marks = [...this.#targets.values()].map((t) => ({ t, at: t.taken })).filter(({ t, at }) => t.done < at);
    return () => marks.every(({ t, at }) => t.done >= at);
  }
  /**
   * The target is no member any more: answers and what else is encoded still go to its inbox, since it may only have left;
   * envelopes that had not been sent are answered here, to go elsewhere.
   */
  recall(target) {
    const t = this.#targets.get(target);
    if (!t) return [];
    const envelopes = [];
    for (const item of t.waiting.drain()) {
      if (typeof item === "string") t.waiting.push(item);
      else envelopes.push(item);
    }
    t.done += envelopes.length;
    if (!t.busy) this.#targets.delete(target);
    return envelopes;
  }
  /** Sends nothing more. */
  close() {
    this.#closed = true;
    for (const t of this.#targets.values()) t.done = t.taken;
    this.#targets.clear();
  }
  /** Never rejects. */
  async #flush(target, t) {
    while (t.waiting.size > 0 && !this.#closed) {
      const items = this.#batch(t);
      const delivered = await this.#send(target, items.encoded);
      t.done += items.raw.length;
      if (delivered) continue;
      const rest = t.waiting.drain();
      t.done += rest.length;
      this.#targets.delete(target);
      this.#onGone(target, [...items.raw, ...rest]);
      return;
    }
    t.busy = false;
  }
  #batch(t) {
    const now = this.#clock.monotonic();
    const raw = [];
    const encoded = [];
    let size = 0;
    while (raw.length < this.#limits.batch) {
      const next = t.waiting.peek();
      if (next === void 0) break;
      const text = typeof next === "string" ? next : encodeEnvelope(next.envelope, next.askedBy, now);
      if (size > 0 && size + text.length > this.#limits.batchBytes) break;
      t.waiting.shift();
      raw.push(next);
      encoded.push(text);
      size += text.length;
    }
    this.#telemetry.envelopesPerEntry.observe(raw.length);
    return { raw, encoded };
  }
  /** False: there is no such inbox. */
  async #send(target, encoded) {
    const entry = { from: this.#from, number: ++this.#entries, body: `[${encoded.join(",")}]` };
    while (!this.#closed) {
      try {
        return await this.#mail.send(target, entry);
      } catch (error) {
        this.#logger.warn({ err: error, target }, "could not append to an inbox; trying again");
      }
      await new Promise((resolve) => this.#clock.after(this.#limits.retryMs, resolve));
    }
    return true;
  }
};

// src/actors/cluster/remote-asks.ts
var RemoteAsks = class {
  #prefix;
  #sent = /* @__PURE__ */ new Map();
  #count = 0;
  /** `prefix`: unique among all processes that ever lived, since ids are remembered by others. */
  constructor(prefix2) {
    this.#prefix = prefix2;
  }
  get size() {
    return this.#sent.size;
  }
  /** Whether the envelope is an ask of this process, so that it is tracked here. */
  static own(envelope) {
    return envelope.reply instanceof PendingAsk ? envelope.reply : void 0;
  }
  /** The ask goes to the target; the first time it gets its id. */
  track(envelope, ask, slot, target) {
    if (envelope.id === "") envelope.id = `${this.#prefix}${(this.#count++).toString(36)}`;
    ask.route = "remote";
    const sent = this.#sent.get(envelope.id);
    if (sent) sent.target = target;
    else {
      const { id } = envelope;
      this.#sent.set(id, { envelope, ask, slot, target });
      ask.onSettled = () => this.#sent.delete(id);
    }
  }
  /** It waits for an owner, or is done here: no instance's death concerns it. */
  untarget(id) {
    const sent = this.#sent.get(id);
    if (sent) sent.target = "";
  }
  /** Undefined: answered already, or too late. */
  find(id) {
    return this.#sent.get(id)?.ask;
  }
  envelope(id) {
    return this.#sent.get(id)?.envelope;
  }
  /** Unanswered asks that were sent there, in the order of their first sending. */
  sentTo(target, slots) {
    const found = [];
    for (const sent of this.#sent.values()) {
      if (sent.target === target && (!slots || slots.has(sent.slot))) found.push(sent.envelope);
    }
    return found;
  }
  failAll(fault) {
    for (const sent of [...this.#sent.values()]) sent.ask.reject(fault);
  }
};

// src/actors/cluster/remote-reply.ts
var RemoteReply = class {
  id;
  askedBy;
  #answer;
  #open = true;
  constructor(id, askedBy, answer) {
    this.id = id;
    this.askedBy = askedBy;
    this.#answer = answer;
  }
  resolve(value) {
    if (this.#close()) this.#answer(this, encodeValue(this.id, value));
  }
  reject(error) {
    if (this.#close()) this.#answer(this, encodeFault(this.id, Fault.from(error)));
  }
  /** Somebody else answers it: it was passed on. */
  drop() {
    this.#close();
  }
  #close() {
    const open = this.#open;
    this.#open = false;
    return open;
  }
};

// src/actors/cluster/router.ts
var defaultRouterLimits = { held: 2e4, heldMs: 1e4, hops: 3, handoverMs: 1e3, outgoing: defaultOutgoing };
var BARRIER_LOOK_MS = 5;
var LOOK_AGAIN_MS = 50;
var Router = class {
  #options;
  #limits;
  #clock;
  #directory;
  #held;
  #handovers;
  #asks = new RemoteAsks(`${randomToken(9)}.`);
  #answered = new Answered();
  #retries = /* @__PURE__ */ new Set();
  #self;
  /** Fenced: until the next incarnation everything waits. */
  #suspended = false;
  #outgoing;
  #reader;
  constructor(options2) {
    this.#options = options2;
    this.#limits = { ...defaultRouterLimits, ...options2.limits };
    this.#clock = options2.clock;
    this.#directory = options2.directory;
    this.#held = new Held(this.#limits.held);
    this.#handovers = new Handovers(options2.clock, this.#limits.handoverMs, (from, slots) => this.#handedOver(from, slots));
    options2.directory.onChange((change) => this.#changed(change));
  }
  /** Envelopes that wait for an owner, and asks that wait for another instance. */
  get figures() {
    return { held: this.#held.size, remoteAsks: this.#asks.size };
  }
  /** Opens the inbox of an incarnation; one that was open is given up. */
  async open(instance) {
    await this.closeInbox(false);
    const { mail, clock, logger: logger2, telemetry } = this.#options;
    this.#reader = await mail.open(instance, (entry) => this.#receive(entry));
    this.#outgoing = new Outgoing({
      mail,
      from: instance,
      clock,
      logger: logger2,
      telemetry,
      limits: this.#limits.outgoing,
      onGone: (target, items) => this.#gone(target, items)
    });
    this.#self = instance;
    this.#suspended = false;
  }
  /** Keeps the inbox from expiring. False: it is gone, and answers reach nobody until another is opened. */
  async keepInbox() {
    return await this.#reader?.keep() ?? true;
  }
  /** With `drop` what was sent here is read to its end and the inbox deleted, so that its senders know. */
  async closeInbox(drop) {
    const reader = this.#reader;
    this.#reader = void 0;
    await reader?.close(drop);
    this.#outgoing?.close();
    this.#outgoing = void 0;
    this.#self = void 0;
  }
  /** Something that was made here. */
  send(envelope) {
    const slot = slotOf(envelope.to);
    if (this.#options.local?.serves(slot) && !this.#handovers.has(slot)) this.#options.local.deliver(envelope);
    else if (this.#handovers.has(slot) || this.#held.has(slot)) this.#hold(slot, envelope);
    else this.#dispatch(slot, envelope);
  }
  /** Sends what waits for these slots to where it belongs by now. */
  release(slots) {
    for (const slot of slots) {
      if (!this.#held.has(slot) || this.#handovers.has(slot)) continue;
      for (const envelope of this.#held.take(slot)) this.#dispatch(slot, envelope);
    }
  }
  /** What was left in mailboxes when their slots were given up: ahead of all that has come for them since. */
  putBack(envelopes) {
    const bySlot = /* @__PURE__ */ new Map();
    for (const envelope of envelopes) {
      const slot = slotOf(envelope.to);
      const some = bySlot.get(slot);
      if (some) some.push(envelope);
      else bySlot.set(slot, [envelope]);
    }
    for (const [slot, some] of bySlot) {
      for (const envelope of some) this.#mark(envelope, true);
      this.#held.unshift(slot, some);
    }
    this.release(bySlot.keys());
  }
  /** Gives up what waited too long for an owner. */
  sweep() {
    const now = this.#clock.monotonic();
    const useless = (e) => e.deadline === NO_DEADLINE ? now - e.heldSince > this.#limits.heldMs : e.deadline <= now;
    for (const envelope of this.#held.sift(useless)) this.#refuse(envelope, new Fault("timeout", "Nobody owns this right now"), "no_owner");
    this.release(this.#held.slots());
  }
  /** Fenced: nobody can say what became of the asks under way, and nothing leaves until the next incarnation's inbox is open. */
  suspend() {
    this.#suspended = true;
    this.#handovers.endAll();
    this.#failAll();
  }
  #failAll() {
    this.#asks.failAll(new Fault("unavailable", "This node lost its place in the cluster", { retry_after_ms: 1e3 }));
    for (const envelope of this.#held.sift(() => true))
      this.#refuse(envelope, new Fault("unavailable", void 0, { retry_after_ms: 1e3 }), "lost");
  }
  /** True once all that waits now has left this process, or nothing can be done about it. */
  drained() {
    const sent = this.#outgoing?.mark() ?? (() => true);
    return () => this.#held.size === 0 && sent();
  }
  stop() {
    for (const timer of this.#retries) timer.cancel();
    this.#handovers.endAll();
    this.#failAll();
  }
  #dispatch(slot, envelope) {
    const { local } = this.#options;
    if (local?.serves(slot)) {
      this.#mark(envelope, false);
      this.#deliver(local, envelope);
      return;
    }
    const owner = local?.settling(slot) ? void 0 : this.#directory.ownerOf(slot);
    if (owner === void 0 || owner === this.#self || !this.#outgoing || this.#suspended) this.#hold(slot, envelope);
    else this.#post(slot, envelope, owner);
  }
  /** An ask of ours that had been sent away before may come to us by that road too, and must not be done twice. */
  #deliver(local, envelope) {
    if (envelope.id === "" || !RemoteAsks.own(envelope)) {
      local.deliver(envelope);
      return;
    }
    const { id } = envelope;
    this.#asks.untarget(id);
    const known = this.#answered.begin(id);
    const reply = new RemoteReply(id, this.#self ?? "", (r, text) => this.#answer(r, text));
    if (known === void 0) local.deliver(envelope.answeredTo(reply));
    else if (known !== "running") this.#answerHere(known);
  }
  #post(slot, envelope, owner) {
    this.#mark(envelope, false);
    const own = RemoteAsks.own(envelope);
    if (own?.settled) return;
    if (own) this.#asks.track(envelope, own, slot, owner);
    const passedOn = envelope.reply instanceof RemoteReply ? envelope.reply : void 0;
    const askedBy = passedOn?.askedBy ?? this.#self;
    if (!this.#outgoing.push(owner, { envelope, askedBy })) {
      this.#refuse(envelope, new Fault("overloaded", void 0, { retry_after_ms: 500 }), "overloaded");
      return;
    }
    if (!passedOn) return;
    this.#answered.forget(passedOn.id);
    passedOn.drop();
  }
  #hold(slot, envelope) {
    if (envelope.deadline <= this.#clock.monotonic()) {
      envelope.reply?.reject(new Fault("timeout"));
      return;
    }
    this.#asks.untarget(envelope.id);
    if (this.#held.push(slot, envelope)) this.#mark(envelope, true);
    else this.#refuse(envelope, new Fault("overloaded", void 0, { retry_after_ms: 1e3 }), "overloaded");
  }
  #mark(envelope, held) {
    if (!held) envelope.heldSince = 0;
    else if (envelope.heldSince === 0) envelope.heldSince = this.#clock.monotonic();
    const own = RemoteAsks.own(envelope);
    if (own) own.held = held && envelope.id === "";
  }
  #refuse(envelope, fault, reason) {
    this.#options.deadLetters.refuse(envelope, fault, reason);
  }
  // What arrives.
  #receive(entry) {
    const items = decodeBody(entry.body);
    if (!items) {
      this.#options.logger.error({ from: entry.from }, "an inbox entry cannot be read");
      this.#options.telemetry.deadLetters.inc({ reason: "unreadable" });
      return;
    }
    for (const item of items) this.#item(entry.from, item);
  }
  #item(from, item) {
    switch (item.t) {
      case "m":
        this.#message(item);
        break;
      case "r":
        this.#asks.find(item.i)?.resolve(item.r);
        break;
      case "e":
        this.#asks.find(item.i)?.reject(Fault.fromJSON(item.e));
        break;
      case "x":
        this.#moved(item.i);
        break;
      case "q":
        this.#barrier(from, item.a, item.z);
        break;
      case "a":
        this.#handovers.end(item.a);
        break;
      default:
        this.#options.telemetry.deadLetters.inc({ reason: "unreadable" });
    }
  }
  #message(item) {
    const { i: id, f: askedBy } = item;
    const asked = id !== void 0 && askedBy !== void 0;
    if (item.v !== WIRE_VERSION) {
      if (asked) this.#outgoing?.push(askedBy, encodeFault(id, new Fault("unavailable", "The nodes run different versions")));
      else this.#options.telemetry.deadLetters.inc({ reason: "unreadable" });
      return;
    }
    const slot = slotOf({ kind: item.k, key: item.y });
    const here = this.#options.local?.serves(slot) || this.#options.local?.settling(slot);
    if (asked) {
      const known = this.#answered.begin(id);
      if (known === "running") return;
      if (known !== void 0) {
        this.#outgoing?.push(askedBy, known);
        return;
      }
    }
    const reply = asked ? new RemoteReply(id, askedBy, (r, text) => this.#answer(r, text)) : void 0;
    const envelope = decodeEnvelope(item, reply, this.#clock.monotonic());
    if (!here && this.#directory.ownerOf(slot) !== void 0 && this.#directory.ownerOf(slot) !== this.#self) {
      envelope.hops++;
      if (envelope.hops > this.#limits.hops) {
        this.#lookAgain(envelope, reply);
        return;
      }
    }
    if (this.#held.has(slot) && !this.#handovers.has(slot)) this.#hold(slot, envelope);
    else this.#dispatch(slot, envelope);
  }
  #answer(reply, text) {
    this.#answered.end(reply.id, text);
    if (reply.askedBy === this.#self) this.#answerHere(text);
    else this.#outgoing?.push(reply.askedBy, text);
  }
  #answerHere(text) {
    for (const item of decodeBody(`[${text}]`) ?? []) this.#item(this.#self ?? "", item);
  }
  #lookAgain(envelope, reply) {
    if (!reply) {
      this.#refuse(envelope, new Fault("unavailable"), "hops");
      return;
    }
    this.#answered.forget(reply.id);
    reply.drop();
    this.#outgoing?.push(reply.askedBy, JSON.stringify({ t: "x", i: reply.id }));
    this.#directory.refreshSoon();
  }
  #moved(id) {
    const envelope = this.#asks.envelope(id);
    if (!envelope) return;
    this.#directory.refreshSoon();
    this.#resendLater([envelope]);
  }
  /** First all that came before must have left the places where it waits here, then what left must have arrived. */
  #barrier(from, id, slots) {
    const until = this.#clock.monotonic() + this.#limits.handoverMs;
    let sent;
    const look = () => {
      if (!sent && !slots.some((slot) => this.#held.has(slot) || this.#options.local?.settling(slot))) {
        sent = this.#outgoing?.mark() ?? (() => true);
      }
      if (sent?.()) this.#outgoing?.push(from, JSON.stringify({ t: "a", a: id }));
      else if (this.#clock.monotonic() < until) this.#later(BARRIER_LOOK_MS, look);
    };
    look();
  }
  // What changes.
  #changed(change) {
    const dead = new Set(change.gone.map((m) => m.instance));
    for (const instance of dead) this.#drop(instance);
    const left = /* @__PURE__ */ new Map();
    for (const { slot, from } of change.moves) {
      if (!from || from === this.#self || !this.#directory.members.has(from) || !this.#outgoing?.knows(from)) continue;
      const slots = left.get(from);
      if (slots) slots.push(slot);
      else left.set(from, [slot]);
    }
    for (const [from, slots] of left) {
      const id = this.#handovers.begin(from, slots);
      this.#outgoing?.push(from, JSON.stringify({ t: "q", a: id, z: slots }));
    }
    this.release(this.#held.slots());
  }
  /** A member died or left: its asks go to the next owner, tells that had not left yet too. */
  #drop(instance) {
    const unsent = this.#outgoing?.recall(instance) ?? [];
    this.#resend(this.#asks.sentTo(instance));
    for (const item of unsent) this.#reroute(item);
    this.#handovers.endFrom(instance);
  }
  /** The inbox is gone though the directory may not know yet. */
  #gone(target, items) {
    this.#directory.refreshSoon();
    this.#resendLater(this.#asks.sentTo(target));
    this.#later(LOOK_AGAIN_MS, () => {
      for (const item of items) this.#reroute(item);
    });
  }
  /** What never left: asks of this process are tracked and sent again by that; answers have lost their asker. */
  #reroute(item) {
    if (typeof item === "string") return;
    const { envelope, askedBy } = item;
    if (RemoteAsks.own(envelope)) return;
    const again = envelope.reply instanceof RemoteReply ? envelope.answeredTo(new RemoteReply(envelope.id, askedBy, (r, text) => this.#answer(r, text))) : envelope;
    this.send(again);
  }
  #handedOver(from, slots) {
    this.#resend(this.#asks.sentTo(from, slots));
    this.release(slots);
  }
  #resendLater(envelopes) {
    if (envelopes.length > 0) this.#later(LOOK_AGAIN_MS, () => this.#resend(envelopes));
  }
  /** Same id: whoever has it already does not do it twice. */
  #resend(envelopes) {
    for (const envelope of envelopes) {
      if (RemoteAsks.own(envelope)?.settled) continue;
      this.#options.telemetry.asksResent.inc();
      this.#dispatch(slotOf(envelope.to), envelope);
    }
  }
  #later(ms, run) {
    const timer = this.#clock.after(ms, () => {
      this.#retries.delete(timer);
      run();
    });
    this.#retries.add(timer);
  }
};

// src/actors/cluster/node.ts
var LOOK_MS = 10;
var ClusterNode = class {
  /** Sends to actors wherever they live. */
  system;
  catalog;
  #options;
  #limits;
  #directory;
  #membership;
  #holdings;
  #router;
  #downListeners = [];
  #state = "idle";
  #fenced;
  #sweep;
  #unlisten;
  #draining;
  constructor(options2) {
    this.#options = options2;
    const { backbone: backbone2, clock, logger: logger2, telemetry, limits } = options2;
    this.#limits = { ...defaultLease, drainMs: 2e3, lingerMs: 150, ...limits };
    this.#directory = new Directory(backbone2.slots, logger2);
    this.catalog = new Catalog({
      kinds: options2.kinds,
      clock,
      logger: logger2,
      telemetry,
      limits,
      outbox: (envelope) => this.#router.send(envelope),
      epochOf: (address) => this.#holdings.epochOf(address),
      onEscalate: options2.onEscalate
    });
    this.system = this.catalog.post;
    this.#holdings = new Holdings({
      table: backbone2.slots,
      witness: options2.witness,
      directory: this.#directory,
      logger: logger2,
      host: {
        evacuate: (chosen, reason) => this.catalog.evacuate(chosen, reason),
        putBack: (envelopes) => this.#router.putBack(envelopes),
        release: (slots) => this.#router.release(slots),
        changed: () => telemetry.slotsOwned.set(this.#holdings.count)
      }
    });
    this.#membership = new Membership(backbone2.leases, clock, logger2, this.#limits, {
      incarnation: () => this.#incarnation(),
      preparing: (member) => this.#router.open(member.instance),
      joined: (member) => this.#joined(member),
      renewed: (version) => this.#renewed(version),
      fenced: (reason) => this.#fence(reason)
    });
    this.#router = new Router({
      mail: backbone2.mail,
      directory: this.#directory,
      local: {
        serves: (slot) => this.#holdings.serves(slot) && this.#membership.valid(),
        settling: (slot) => this.#holdings.settling(slot),
        deliver: (envelope) => this.catalog.deliver(envelope)
      },
      clock,
      logger: logger2,
      telemetry,
      deadLetters: this.catalog.deadLetters,
      limits
    });
    this.#directory.onChange(({ gone }) => {
      telemetry.nodesAlive.set(this.#directory.members.size);
      for (const member of gone) for (const listener of this.#downListeners) this.#safely(() => listener(member));
    });
  }
  /** This incarnation's name; undefined while it has no lease. */
  get instance() {
    return this.#membership.member?.instance;
  }
  /**
   * Joins and resolves once every slot that this node should own is served here. Keeps trying while Redis or the witness cannot
   * be reached; rejects only when `stop` is called meanwhile.
   */
  async start() {
    if (this.#state !== "idle") return;
    this.#state = "running";
    this.catalog.start();
    this.#sweep = this.#options.clock.every(1e3, () => this.#router.sweep());
    await this.#listen();
    this.#membership.start();
    while (!this.ready().ok) {
      if (this.#state !== "running") throw new Error("stopped before it was ready");
      await this.#look();
    }
  }
  /** Whether this node serves what it should; the reason is for operators. */
  ready() {
    if (this.#state !== "running") return { ok: false, reason: this.#state === "idle" ? "not started" : this.#state };
    const valid = this.#membership.valid();
    if (this.#fenced !== void 0) return { ok: false, reason: `fenced: ${this.#fenced}` };
    if (!valid) return { ok: false, reason: "no lease yet" };
    return this.#holdings.problem === void 0 ? { ok: true } : { ok: false, reason: this.#holdings.problem };
  }
  /** Members with a lease, as far as this node knows. */
  nodes() {
    return [...this.#directory.members.values()];
  }
  /** For health pages and tests. */
  figures() {
    return {
      slots: this.#holdings.count,
      activations: this.catalog.counts(),
      ...this.#router.figures,
      pendingAsks: this.catalog.post.pending
    };
  }
  /** Which living instance owns an address, as far as this node knows. */
  ownerOf(address) {
    return this.#directory.ownerOf(slotOf(address));
  }
  /** Called for each instance that died or left, some time after it did. */
  onNodeDown(listener) {
    this.#downListeners.push(listener);
  }
  /**
   * Gives everything up in good order: ends the actors (they may flush), then the lease and all slots in one step, so that the
   * others take over at once; then passes on what still waits here. Sending goes on working. Harmless when called again.
   */
  drain() {
    this.#draining ??= this.#drain();
    return this.#draining;
  }
  /** Drains, then ends everything. The backbone is its owner's to close. */
  async stop() {
    if (this.#state === "stopped") return;
    if (this.#state !== "idle") await this.drain();
    this.#state = "stopped";
    this.#sweep?.cancel();
    await this.#attempt("close the inbox", () => this.#router.closeInbox(true));
    await this.#attempt("end the notices", async () => this.#unlisten?.());
    this.#router.stop();
    await this.catalog.stop();
  }
  async #drain() {
    if (this.#state !== "running") return;
    this.#state = "draining";
    await this.#holdings.vacate();
    await this.#attempt("give up the lease", () => this.#membership.leave());
    this.#holdings.drop("draining");
    await this.#attempt("read the slot table", () => this.#directory.refresh());
    await this.#until(this.#limits.lingerMs, () => false);
    await this.#until(this.#limits.drainMs, this.#router.drained());
  }
  #incarnation() {
    const { nodeId, url: url2, clock, suffix } = this.#options;
    const tail = suffix?.() ?? randomToken(6);
    return { instance: `${nodeId}-${tail}`, url: url2, protocol: WIRE_VERSION, started: clock.now() };
  }
  #joined(member) {
    this.#fenced = void 0;
    this.#options.logger.info({ member: member.instance }, "joined the cluster");
    this.#holdings.begin(member.instance);
    void this.#holdings.reconcile();
  }
  #renewed(version) {
    if (version !== this.#directory.version || this.#holdings.problem !== void 0) void this.#holdings.reconcile();
    this.#router.keepInbox().catch((error) => this.#options.logger.warn({ err: error }, "could not keep the inbox"));
  }
  #fence(reason) {
    this.#fenced = reason;
    this.#options.telemetry.fenced.inc();
    this.#holdings.drop(`fenced: ${reason}`);
    this.catalog.evacuate(() => true, "lost").then((leftover) => this.catalog.refuse(leftover, "lost")).catch((error) => this.#options.logger.error({ err: error }, "could not drop the activations"));
    this.#router.suspend();
  }
  async #listen() {
    while (this.#state === "running") {
      try {
        this.#unlisten = await this.#options.backbone.notices.listen(() => this.#noticed());
        return;
      } catch (error) {
        this.#options.logger.warn({ err: error }, "could not listen for changes; trying again");
        await this.#until(this.#limits.renewMs, () => false);
      }
    }
  }
  #noticed() {
    if (this.#membership.member && this.#state === "running") void this.#holdings.reconcile();
    else this.#directory.refreshSoon();
  }
  async #until(ms, done) {
    const end = this.#options.clock.monotonic() + ms;
    while (!done() && this.#options.clock.monotonic() < end) await this.#look();
  }
  #look() {
    return new Promise((resolve) => this.#options.clock.after(LOOK_MS, resolve));
  }
  async #attempt(what, act) {
    try {
      await act();
    } catch (error) {
      this.#options.logger.warn({ err: error }, `could not ${what}`);
    }
  }
  #safely(act) {
    try {
      act();
    } catch (error) {
      this.#options.logger.error({ err: error }, "defect: a listener failed");
    }
  }
};

// src/actors/cluster/memory/memory-witness.ts
var MemoryWitness = class {
  /** While true it cannot be reached. */
  down = false;
  #highest = 0;
  async raise(epoch) {
    if (this.down) throw new Error("the witness is down");
    this.#highest = Math.max(this.#highest, epoch);
    return this.#highest;
  }
};

// src/actors/cluster/redis/connection.ts
import { Redis } from "ioredis";
var COMMAND_TIMEOUT_MS = 2e3;
var retryStrategy = (times) => Math.min(1e3, 50 * 2 ** Math.min(times, 5));
var options = {
  // A command is tried for its timeout, over reconnections; it is not sent again by itself once it may have been done.
  command: { commandTimeout: COMMAND_TIMEOUT_MS, maxRetriesPerRequest: null, autoResendUnfulfilledCommands: false },
  // Its reader tries again by itself. A silent socket is a dead one, since every blocking read answers within 2 s.
  blocking: { maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false, socketTimeout: 1e4 },
  subscriber: { maxRetriesPerRequest: null, autoResubscribe: true }
};
var connect = (url2, use, logger2) => {
  const redis = new Redis(url2, { ...options[use], retryStrategy, connectTimeout: 5e3, enableReadyCheck: true });
  let failing = false;
  redis.on("ready", () => {
    if (failing) logger2.info({ use }, "Redis is back");
    failing = false;
  });
  redis.on("error", (error) => {
    if (!failing) logger2.warn({ err: error, use }, "Redis cannot be reached; trying again");
    failing = true;
  });
  return redis;
};

// src/actors/cluster/redis/keys.ts
var keysOf = (prefix2) => {
  const at = (name2) => `{${prefix2}}:cluster:${name2}`;
  return {
    leases: at("leases"),
    members: at("members"),
    slots: at("slots"),
    epoch: at("epoch"),
    version: at("version"),
    changes: at("changes"),
    inbox: (instance) => `{${prefix2}}:inbox:${instance}`
  };
};

// src/actors/cluster/redis/scripts/script.ts
var nowLua = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;
var bumpLua = `
local function bump(key, channel)
  if redis.call('EXISTS', key) == 0 then redis.call('SET', key, string.format('%.0f', now)) end
  local version = redis.call('INCR', key)
  redis.call('PUBLISH', channel, version)
  return version
end
`;

// src/actors/cluster/redis/scripts/join-3.ts
var join = {
  keys: 3,
  lua: `${nowLua}${bumpLua}
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
return bump(KEYS[3], ARGV[4])
`
};

// src/actors/cluster/redis/scripts/leave-4.ts
var leave = {
  keys: 4,
  lua: `${nowLua}${bumpLua}
local any = redis.call('ZREM', KEYS[1], ARGV[1]) + redis.call('HDEL', KEYS[2], ARGV[1])
local all = redis.call('HGETALL', KEYS[3])
local prefix = ARGV[1] .. ':'
for i = 1, #all, 2 do
  if string.sub(all[i + 1], 1, #prefix) == prefix then
    redis.call('HDEL', KEYS[3], all[i])
    any = any + 1
  end
end
if any > 0 then bump(KEYS[4], ARGV[2]) end
return any
`
};

// src/actors/cluster/redis/scripts/renew-3.ts
var renew = {
  keys: 3,
  lua: `${nowLua}${bumpLua}
local dead = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)
for _, instance in ipairs(dead) do
  redis.call('ZREM', KEYS[1], instance)
  redis.call('HDEL', KEYS[2], instance)
end
if #dead > 0 then bump(KEYS[3], ARGV[3]) end
local alive = 0
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
  alive = 1
end
return {alive, tonumber(redis.call('GET', KEYS[3]) or '0')}
`
};

// src/actors/cluster/redis/redis-leases.ts
var RedisLeases = class {
  #run;
  #keys;
  constructor(run, keys) {
    this.#run = run;
    this.#keys = keys;
  }
  async join(member, leaseMs) {
    const { leases, members, version, changes } = this.#keys;
    const answer = await this.#run(join, [leases, members, version, member.instance, JSON.stringify(member), leaseMs, changes]);
    return { alive: true, version: Number(answer) };
  }
  async renew(instance, leaseMs) {
    const { leases, members, version, changes } = this.#keys;
    const answer = await this.#run(renew, [leases, members, version, instance, leaseMs, changes]);
    return { alive: answer[0] === 1, version: answer[1] };
  }
  async leave(instance) {
    const { leases, members, slots, version, changes } = this.#keys;
    await this.#run(leave, [leases, members, slots, version, instance, changes]);
  }
};

// src/actors/cluster/redis/redis-mail.ts
import { LRUCache as LRUCache3 } from "lru-cache";

// src/actors/cluster/redis/scripts/close-inbox-1.ts
var closeInbox = {
  keys: 1,
  lua: `
local rest = redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+')
redis.call('DEL', KEYS[1])
return rest
`
};

// src/actors/cluster/redis/redis-mail.ts
var KEEP_MS = 6e4;
var BLOCK_MS = 2e3;
var COUNT = 64;
var TRIM_ENTRIES = 256;
var TRIM_MS = 1e3;
var SLICE_MS = 8;
var RETRY_MS = 100;
var SENDERS = 1e4;
var RedisMail = class {
  #options;
  constructor(options2) {
    this.#options = options2;
  }
  async send(to, entry) {
    const { command, keys } = this.#options;
    const id = await command.xadd(keys.inbox(to), "NOMKSTREAM", "*", "f", entry.from, "n", entry.number, "b", entry.body);
    return id !== null;
  }
  async open(instance, receive) {
    const { command, keys } = this.#options;
    const key = keys.inbox(instance);
    await command.xadd(key, "*", "open", "1");
    await command.pexpire(key, KEEP_MS);
    return new RedisMailReader(this.#options, key, receive);
  }
};
var RedisMailReader = class {
  #options;
  #key;
  #receive;
  #redis;
  #seen = new LRUCache3({ max: SENDERS });
  #done;
  /** Ends a read that is under way: its connection may be anywhere between two attempts, and then says nothing. */
  #interrupt = () => void 0;
  #interrupted = new Promise((resolve) => {
    this.#interrupt = () => resolve(void 0);
  });
  #open = true;
  #last = "0-0";
  #trimmed = "0-0";
  #trimmedAt;
  #untrimmed = 0;
  constructor(options2, key, receive) {
    this.#options = options2;
    this.#key = key;
    this.#receive = receive;
    this.#redis = options2.blocking();
    this.#trimmedAt = options2.clock.monotonic();
    this.#done = this.#loop();
  }
  async keep() {
    return await this.#options.command.pexpire(this.#key, KEEP_MS) === 1;
  }
  async close(drop) {
    if (!this.#open) return;
    this.#open = false;
    this.#interrupt();
    this.#redis.disconnect();
    await this.#done;
    if (drop) await this.#handle(await this.#options.run(closeInbox, [this.#key, this.#last]));
  }
  /** Never rejects. */
  async #loop() {
    while (this.#open) {
      try {
        const reading = this.#redis.xread("COUNT", COUNT, "BLOCK", BLOCK_MS, "STREAMS", this.#key, this.#last);
        reading.catch(() => void 0);
        const answer = await Promise.race([reading, this.#interrupted]);
        if (!this.#open) return;
        await this.#handle(answer?.[0]?.[1] ?? []);
        await this.#trim();
      } catch (error) {
        if (!this.#open) return;
        this.#options.logger.warn({ err: error, inbox: this.#key }, "could not read the inbox; trying again");
        await new Promise((resolve) => this.#options.clock.after(RETRY_MS, resolve));
      }
    }
  }
  async #handle(entries) {
    const { clock } = this.#options;
    let began = clock.monotonic();
    for (const [id, fields] of entries) {
      this.#last = id;
      this.#untrimmed++;
      const entry = parseEntry(fields);
      if (entry && entry.number > (this.#seen.get(entry.from) ?? 0)) {
        this.#seen.set(entry.from, entry.number);
        this.#receive(entry);
      }
      if (clock.monotonic() - began < SLICE_MS) continue;
      await new Promise((resolve) => setImmediate(resolve));
      began = clock.monotonic();
    }
  }
  /** Only what lies behind the reader. Its failure is harmless: the next one trims more. */
  async #trim() {
    const now = this.#options.clock.monotonic();
    if (this.#last === this.#trimmed || this.#untrimmed < TRIM_ENTRIES && now - this.#trimmedAt < TRIM_MS) return;
    this.#trimmed = this.#last;
    this.#trimmedAt = now;
    this.#untrimmed = 0;
    await this.#options.command.xtrim(this.#key, "MINID", this.#last);
  }
};
var parseEntry = (fields) => {
  const [f, from, n, number, b, body] = fields;
  if (f !== "f" || n !== "n" || b !== "b" || from === void 0 || body === void 0) return void 0;
  return { from, number: Number(number), body };
};

// src/actors/cluster/redis/redis-notices.ts
var RedisNotices = class {
  #subscriber;
  #channel;
  constructor(subscriber, channel) {
    this.#subscriber = subscriber;
    this.#channel = channel;
  }
  async listen(onChange) {
    const onMessage = (channel) => {
      if (channel === this.#channel) onChange();
    };
    const stop = () => {
      this.#subscriber.off("message", onMessage);
      this.#subscriber.off("ready", onChange);
    };
    this.#subscriber.on("message", onMessage);
    this.#subscriber.on("ready", onChange);
    try {
      await this.#subscriber.subscribe(this.#channel);
    } catch (error) {
      stop();
      throw error;
    }
    return async () => stop();
  }
};

// src/actors/cluster/redis/scripts/claim-4.ts
var claim = {
  keys: 4,
  lua: `${nowLua}${bumpLua}
local function alive(instance)
  local ends = redis.call('ZSCORE', KEYS[1], instance)
  return ends and tonumber(ends) > now
end
local answer = {tonumber(redis.call('GET', KEYS[3]) or '0')}
if not alive(ARGV[1]) then return answer end
local living = {}
for i = 3, #ARGV do
  local held = redis.call('HGET', KEYS[2], ARGV[i])
  local owner = held and string.match(held, '^(.*):%d+$')
  if owner and living[owner] == nil then living[owner] = alive(owner) or false end
  if not owner or owner == ARGV[1] or not living[owner] then
    if #answer == 1 then answer[1] = redis.call('INCR', KEYS[3]) end
    redis.call('HSET', KEYS[2], ARGV[i], ARGV[1] .. ':' .. string.format('%.0f', answer[1]))
    answer[#answer + 1] = tonumber(ARGV[i])
  end
end
if #answer > 1 then bump(KEYS[4], ARGV[2]) end
return answer
`
};

// src/actors/cluster/redis/scripts/raise-epoch-1.ts
var raiseEpoch = {
  keys: 1,
  lua: `
local was = tonumber(redis.call('GET', KEYS[1]) or '0')
if was < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1]) end
return was
`
};

// src/actors/cluster/redis/scripts/read-4.ts
var read = {
  keys: 4,
  lua: `${nowLua}
local records = {}
for _, instance in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. string.format('%.0f', now), '+inf')) do
  local record = redis.call('HGET', KEYS[2], instance)
  if record then records[#records + 1] = record end
end
return {tonumber(redis.call('GET', KEYS[4]) or '0'), records, redis.call('HGETALL', KEYS[3])}
`
};

// src/actors/cluster/redis/scripts/release-2.ts
var release = {
  keys: 2,
  lua: `${nowLua}${bumpLua}
local freed = {}
for i = 2, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then
    redis.call('HDEL', KEYS[1], ARGV[i])
    freed[#freed + 1] = tonumber(ARGV[i])
  end
end
if #freed > 0 then bump(KEYS[2], ARGV[1]) end
return freed
`
};

// src/actors/cluster/redis/redis-slot-table.ts
var RedisSlotTable = class {
  #run;
  #keys;
  constructor(run, keys) {
    this.#run = run;
    this.#keys = keys;
  }
  async read() {
    const { leases, members, slots, version } = this.#keys;
    const [at, records, flat] = await this.#run(read, [leases, members, slots, version]);
    const claims = /* @__PURE__ */ new Map();
    for (let i = 0; i + 1 < flat.length; i += 2) {
      const parsed = parseClaim(flat[i + 1]);
      if (parsed) claims.set(Number(flat[i]), parsed);
    }
    return { version: at, members: records.map((record) => JSON.parse(record)), claims };
  }
  async claim(instance, slots) {
    const { leases, slots: table, epoch, version, changes } = this.#keys;
    const answer = await this.#run(claim, [leases, table, epoch, version, instance, changes, ...slots]);
    return { epoch: answer[0] ?? 0, slots: answer.slice(1) };
  }
  async release(instance, slots) {
    if (slots.size === 0) return [];
    const { slots: table, version, changes } = this.#keys;
    const pairs = [...slots].flatMap(([slot, epoch]) => [slot, `${instance}:${epoch}`]);
    return await this.#run(release, [table, version, changes, ...pairs]);
  }
  async raiseEpoch(atLeast) {
    return Number(await this.#run(raiseEpoch, [this.#keys.epoch, atLeast]));
  }
};
var parseClaim = (text) => {
  const colon = text.lastIndexOf(":");
  const epoch = Number(text.slice(colon + 1));
  return colon > 0 && Number.isSafeInteger(epoch) ? { instance: text.slice(0, colon), epoch } : void 0;
};

// src/actors/cluster/redis/run-script.ts
import { createHash as createHash2 } from "node:crypto";
var scriptRunner = (redis) => {
  const hashes = /* @__PURE__ */ new Map();
  return async (script, args) => {
    let hash = hashes.get(script);
    if (hash === void 0) {
      hash = createHash2("sha1").update(script.lua).digest("hex");
      hashes.set(script, hash);
    }
    try {
      return await redis.evalsha(hash, script.keys, ...args);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
      return redis.eval(script.lua, script.keys, ...args);
    }
  };
};

// src/actors/cluster/redis/connect.ts
var connectRedisBackbone = ({ url: url2, prefix: prefix2, clock, logger: logger2 }) => {
  const keys = keysOf(prefix2);
  const command = connect(url2, "command", logger2);
  const subscriber = connect(url2, "subscriber", logger2);
  const readers = /* @__PURE__ */ new Set();
  const run = scriptRunner(command);
  const blocking = () => {
    const redis = connect(url2, "blocking", logger2);
    readers.add(redis);
    redis.once("end", () => readers.delete(redis));
    return redis;
  };
  return {
    leases: new RedisLeases(run, keys),
    slots: new RedisSlotTable(run, keys),
    notices: new RedisNotices(subscriber, keys.changes),
    mail: new RedisMail({ command, run, keys, clock, logger: logger2, blocking }),
    close: async () => {
      for (const redis of [command, subscriber, ...readers]) redis.disconnect();
    }
  };
};

// src/kernel/clock.ts
var systemClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
  every(ms, run) {
    const timer = setInterval(run, ms);
    timer.unref();
    return { cancel: () => clearInterval(timer) };
  },
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms))
};

// src/kernel/logger.ts
import { pino } from "pino";
var createLogger = (options2, destination) => pino(
  {
    level: options2.level,
    base: { node: options2.node },
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: () => currentScope() ?? {},
    redact: {
      paths: [
        "password",
        "*.password",
        "token",
        "*.token",
        "access_token",
        "*.access_token",
        "refresh_token",
        "*.refresh_token",
        "content",
        "*.content",
        "authorization",
        "*.authorization",
        "req.headers.authorization",
        "req.headers.cookie"
      ],
      censor: "[redacted]"
    }
  },
  destination ?? pino.destination({ dest: 1, sync: false })
);

// src/kernel/telemetry.ts
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
var seconds = [1e-3, 25e-4, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
var sizes = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1e3];
var Telemetry = class {
  registry = new Registry();
  #in = { registers: [this.registry] };
  // Actors
  activations = new Gauge({
    name: "parley_actor_activations",
    help: "Living activations",
    labelNames: ["kind"],
    ...this.#in
  });
  activationSeconds = new Histogram({
    name: "parley_actor_activation_seconds",
    help: "From first message to first turn",
    labelNames: ["kind"],
    buckets: seconds,
    ...this.#in
  });
  mailboxDepth = new Gauge({ name: "parley_actor_mailbox_messages", help: "Messages that wait in all mailboxes", ...this.#in });
  turns = new Counter({ name: "parley_actor_turns_total", help: "Turns taken", labelNames: ["kind"], ...this.#in });
  asks = new Counter({
    name: "parley_actor_asks_total",
    help: "Asks by where they went and how they ended",
    labelNames: ["route", "outcome"],
    ...this.#in
  });
  deadLetters = new Counter({
    name: "parley_actor_dead_letters_total",
    help: "Messages that reached nobody",
    labelNames: ["reason"],
    ...this.#in
  });
  restarts = new Counter({
    name: "parley_actor_restarts_total",
    help: "Activations ended by a failure",
    labelNames: ["kind", "directive"],
    ...this.#in
  });
  // Cluster
  slotsOwned = new Gauge({ name: "parley_cluster_slots_owned", help: "Slots this node owns", ...this.#in });
  nodesAlive = new Gauge({ name: "parley_cluster_nodes", help: "Nodes with a lease, as this node sees it", ...this.#in });
  fenced = new Counter({
    name: "parley_cluster_fenced_total",
    help: "Times this node stopped itself for want of a lease",
    ...this.#in
  });
  envelopesPerEntry = new Histogram({
    name: "parley_cluster_envelopes_per_entry",
    help: "Envelopes in one stream entry",
    buckets: sizes,
    ...this.#in
  });
  asksResent = new Counter({
    name: "parley_cluster_asks_resent_total",
    help: "Asks sent again because their target died or moved",
    ...this.#in
  });
  // Store
  commitBatch = new Histogram({
    name: "parley_store_commit_batch_messages",
    help: "Messages in one insertMany",
    buckets: sizes,
    ...this.#in
  });
  commitSeconds = new Histogram({
    name: "parley_store_commit_seconds",
    help: "Duration of one insertMany",
    buckets: seconds,
    ...this.#in
  });
  // Gateway
  sockets = new Gauge({ name: "parley_gateway_sockets", help: "Authenticated sockets", ...this.#in });
  socketEvents = new Counter({
    name: "parley_gateway_socket_events_total",
    help: "Client events by outcome",
    labelNames: ["event", "outcome"],
    ...this.#in
  });
  httpSeconds = new Histogram({
    name: "parley_gateway_http_seconds",
    help: "REST requests",
    labelNames: ["method", "route", "status"],
    buckets: seconds,
    ...this.#in
  });
  fanout = new Counter({
    name: "parley_gateway_fanout_total",
    help: "Events published to rooms",
    labelNames: ["event"],
    ...this.#in
  });
  resyncs = new Counter({
    name: "parley_gateway_resyncs_total",
    help: "Rooms or sockets told to catch up",
    labelNames: ["reason"],
    ...this.#in
  });
  rateLimited = new Counter({
    name: "parley_gateway_rate_limited_total",
    help: "Requests refused by a limit",
    labelNames: ["limit"],
    ...this.#in
  });
  // Workers
  queueDepth = new Gauge({
    name: "parley_worker_queue_jobs",
    help: "Jobs by queue and state",
    labelNames: ["queue", "state"],
    ...this.#in
  });
  jobs = new Counter({
    name: "parley_worker_jobs_total",
    help: "Jobs done, by outcome",
    labelNames: ["queue", "outcome"],
    ...this.#in
  });
  /** Process figures and the event loop's delay; once a process. */
  collectProcess() {
    collectDefaultMetrics({ register: this.registry });
  }
};

// .m.ts
import { fork } from "node:child_process";
var [, , name, prefix] = process.argv;
var url = "redis://127.0.0.1:6399";
var logger = createLogger({ level: "warn", node: name ?? "a" });
var pre = prefix ?? "meas-" + process.pid;
var witness = new MemoryWitness();
var backbone = connectRedisBackbone({ url, prefix: pre, clock: systemClock, logger });
var got = 0;
var node = new ClusterNode({
  nodeId: name ?? "a",
  url: "x",
  backbone,
  witness: { raise: async (e) => e },
  clock: systemClock,
  logger,
  telemetry: new Telemetry(),
  kinds: [{ name: "c", idleMs: 6e4, mailboxLimit: 1e5, create: () => ({ receive: (m) => m.type === "tell" ? void got++ : m.type === "got" ? got : 1 }) }]
});
await node.start();
if (name) {
  process.send("ready");
  process.on("message", () => {
    void node.stop().then(() => backbone.close());
    process.disconnect();
  });
} else {
  const child = fork(process.argv[1], ["b", pre]);
  await new Promise((r) => child.once("message", r));
  while (node.nodes().length < 2 || node.figures().slots > 300) await systemClock.sleep(20);
  await systemClock.sleep(500);
  const far = [];
  for (let i = 0; far.length < 100; i++) {
    const a = { kind: "c", key: "k" + i };
    if (node.ownerOf(a) !== node.instance) far.push(a);
  }
  for (const inflight of [1, 64, 64, 1e3]) {
    const n2 = inflight === 1 ? 3e3 : 1e5;
    let i = 0;
    const t4 = performance.now();
    const c0 = process.cpuUsage();
    await Promise.all(Array.from({ length: inflight }, async () => {
      while (i < n2) await node.system.ask(far[i++ % 100], { type: "get" });
    }));
    const ms = performance.now() - t4;
    const c = process.cpuUsage(c0);
    console.log("remote ask inflight", inflight, (n2 / ms * 1e3).toFixed(0) + "/s", "\xB5s cpu (sender)/ask", ((c.user + c.system) / n2).toFixed(1));
  }
  const n = 3e5;
  const t = performance.now();
  for (let i = 0; i < n; i++) {
    node.system.tell(far[i % 100], { type: "tell" });
    if (i % 2e3 === 1999) await new Promise((r) => setImmediate(r));
    while (false) ;
  }
  let sum = 0;
  for (const a of [far[0]]) {
    do {
      await systemClock.sleep(20);
      sum = await node.system.ask(a, { type: "got" }, { timeoutMs: 3e4 });
    } while (sum < n && performance.now() - t < 2e4);
  }
  console.log("remote tell", (sum / (performance.now() - t) * 1e3).toFixed(0) + "/s", sum);
  const t2 = performance.now();
  child.kill("SIGKILL");
  let ok = 0;
  await Promise.all(far.map((a) => node.system.ask(a, { type: "get" }, { timeoutMs: 2e4 }).then(() => ok++)));
  console.log("after kill -9: asks answered", ok, "of", far.length, "in ms", (performance.now() - t2).toFixed(0));
  const t3 = performance.now();
  await node.stop();
  await backbone.close();
  console.log("stop ms", (performance.now() - t3).toFixed(0));
}
