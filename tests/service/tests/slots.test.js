import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Slots } from '../lib/slots.js';

function started(slots, count) {
  const order = [];
  const leave = Array.from({ length: count }, (_, i) => slots.enter(() => order.push(i)));
  return { order, leave };
}

test('queries beyond the slots start in order as slots come free', () => {
  const slots = new Slots({ slots: 2, queueLimit: 10 });
  const { order, leave } = started(slots, 4);
  assert.deepEqual(order, [0, 1]);
  leave[1]();
  assert.deepEqual(order, [0, 1, 2]);
});

test('leaving twice frees one slot only', () => {
  const slots = new Slots({ slots: 1, queueLimit: 10 });
  const { order, leave } = started(slots, 3);
  leave[0]();
  leave[0]();
  assert.deepEqual(order, [0, 1]);
});

test('a waiting query that leaves is passed over', () => {
  const slots = new Slots({ slots: 1, queueLimit: 10 });
  const { order, leave } = started(slots, 3);
  leave[1]();
  leave[0]();
  assert.deepEqual(order, [0, 2]);
});

test('a full queue refuses, a free slot never does', () => {
  const slots = new Slots({ slots: 1, queueLimit: 0 });
  const { leave } = started(slots, 2);
  assert.equal(typeof leave[0], 'function');
  assert.equal(leave[1], null);
});

test('more slots admit who waits, fewer let the running ones finish', () => {
  const slots = new Slots({ slots: 1, queueLimit: 10 });
  const { order } = started(slots, 4);
  slots.resize(3);
  assert.deepEqual(order, [0, 1, 2]);
  slots.resize(1);
  assert.equal(slots.running, 3);
});
