// Random times, as the simulator draws them (controller/simulate/scenario.hpp).

export const kDistributions = ['exponential', 'fixed'];

// A time of this mean: of an exponential distribution, or the mean itself.
export function drawTime(mean, distribution) {
  return distribution === 'fixed' ? mean : -mean * Math.log(1 - Math.random());
}
