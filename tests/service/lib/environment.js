// Reads settings from environment variables. A bad value is an error that names the variable, what
// was given and what is allowed; a process with a bad environment ends at once with code 2.

export class EnvironmentError extends Error {}

// A whole number in [min, max]; `fallback` where the variable is unset or empty.
export function integerFrom(environment, name, { fallback, min, max }) {
  const given = environment[name];
  if (given === undefined || given === '') return fallback;
  const value = Number(given);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new EnvironmentError(`${name}: "${given}" is not a whole number from ${min} to ${max}`);
}

const kPort = { min: 0, max: 65535 };

// Where the process listens. Port 0 takes a free one. The default host keeps a process that is
// started by hand off the network; a container sets HOST=0.0.0.0.
export function listenAddress(environment, defaultPort) {
  return {
    host: environment.HOST || '127.0.0.1',
    port: integerFrom(environment, 'PORT', { ...kPort, fallback: defaultPort }),
  };
}

// The database as Kubernetes announces a Service named "database" to pods of its namespace;
// null where there was none when this pod started.
export function databaseAddress(environment) {
  const host = environment.DATABASE_SERVICE_HOST;
  const port = integerFrom(environment, 'DATABASE_SERVICE_PORT', { ...kPort, fallback: 0 });
  return host && port > 0 ? { host, port } : null;
}

// Runs `start`; an EnvironmentError ends the process with its message instead of a stack trace.
export async function startOrExit(start) {
  try {
    await start();
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    console.error(`error: ${error.message}`);
    process.exit(2);
  }
}
