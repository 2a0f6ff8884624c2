// Settings that change while a program runs: a JSON object with some of the known ones, each a number
// within bounds. A fault is a RequestError 400 that says what was given and what is allowed.
import { RequestError, readText } from './http.js';

const kLongestSettings = 10_000;  // bytes

// The settings in the body of `request`; `known` is name → {min, max, whole}.
export async function readSettings(request, known) {
  return checkSettings(parseJson(await readText(request, kLongestSettings)), known);
}

function parseJson(body) {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new RequestError(400, `not JSON: ${error.message}`);
  }
}

function checkSettings(given, known) {
  if (given === null || typeof given !== 'object' || Array.isArray(given)) {
    throw new RequestError(400, 'settings are a JSON object');
  }
  for (const [name, value] of Object.entries(given)) {
    const allowed = known[name];
    if (!allowed) {
      throw new RequestError(400, `${name}: unknown, one of ${Object.keys(known).join(', ')}`);
    }
    const { min, max, whole } = allowed;
    if (typeof value !== 'number' || value < min || value > max || (whole && value % 1 !== 0)) {
      const kind = whole ? 'whole number' : 'number';
      throw new RequestError(400, `${name}: ${value} is not a ${kind} from ${min} to ${max}`);
    }
  }
  return given;
}
