// A database's capacity: `slots` queries run at once, the rest wait in order, at most `queueLimit`
// of them. A query that leaves (its connection closed) gives up its slot or its place.

export class Slots {
  constructor({ slots, queueLimit }) {
    this.slots_ = slots;
    this.queueLimit_ = queueLimit;
    this.running_ = 0;
    this.waiting_ = new Set();
  }

  get running() { return this.running_; }
  get waiting() { return this.waiting_.size; }
  get slots() { return this.slots_; }

  resize(slots) {
    this.slots_ = slots;
    this.admit_();
  }

  // Calls `start` as soon as a slot is free. Returns the function that gives the slot, or the
  // place in the queue, back (more calls do nothing), or null where the queue is full.
  enter(start) {
    if (this.running_ >= this.slots_ && this.waiting_.size >= this.queueLimit_) return null;
    const ticket = { start, running: false, left: false };
    this.waiting_.add(ticket);
    this.admit_();
    return () => this.leave_(ticket);
  }

  admit_() {
    for (const ticket of this.waiting_) {
      if (this.running_ >= this.slots_) return;
      this.waiting_.delete(ticket);
      this.running_ += 1;
      ticket.running = true;
      ticket.start();
    }
  }

  leave_(ticket) {
    if (ticket.left) return;
    ticket.left = true;
    this.waiting_.delete(ticket);
    if (ticket.running) this.running_ -= 1;
    this.admit_();
  }
}
