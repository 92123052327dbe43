// Scales and their ticks: numbers to pixels, and the round steps in between.

export class Scale {
  constructor(low, high, start, end) {
    this.low = low;
    this.high = high;
    this.start = start;
    this.end = end;
  }
  at(value) {
    return this.start + (value - this.low) / (this.high - this.low) * (this.end - this.start);
  }
  value(pixel) {
    return this.low + (pixel - this.start) / (this.end - this.start) * (this.high - this.low);
  }
}

// About `count` steps of 1, 2 or 5 times a power of ten that enclose low … high.
export function value_ticks(low, high, count) {
  if (low === high) {
    const room = Math.abs(low) * 0.05 || 1;
    low -= room;
    high += room;
  }
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) * power;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  const ticks = [];
  for (let index = first; index <= last; ++index) ticks.push(index * step);
  return { ticks, step };
}

const minute = 60e3, hour = 60 * minute, day = 24 * hour;
const time_steps = [1e3, 2e3, 5e3, 10e3, 15e3, 30e3, minute, 2 * minute, 5 * minute, 10 * minute,
  15 * minute, 30 * minute, hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, 7 * day,
  14 * day];

// Steps of a clock and a calendar in local time, about `count` of them: {moments, step}.
export function time_ticks(from, to, count) {
  const rough = (to - from) / count;
  const step = time_steps.find((candidate) => candidate >= rough);
  if (step === undefined) return month_ticks(from, to, count);
  const moments = [];
  const start = new Date(from);
  start.setHours(0, 0, 0, 0);
  if (step >= day) {
    const days = step / day;
    // Counted from a fixed day, so that the ticks stay where they are while time passes.
    const offset = Math.floor((start.getTime() - start.getTimezoneOffset() * minute) / day) % days;
    start.setDate(start.getDate() - offset);
    for (; start.getTime() <= to; start.setDate(start.getDate() + days)) {
      if (start.getTime() >= from) moments.push(start.getTime());
    }
  } else {
    let moment = start.getTime() + Math.floor((from - start.getTime()) / step) * step;
    for (; moment <= to; moment += step) if (moment >= from) moments.push(moment);
  }
  return { moments, step };
}

function month_ticks(from, to, count) {
  const months = (to - from) / (30.4 * day);
  const every = [1, 2, 3, 6, 12, 24, 60, 120].find((step) => months / step <= count) || 240;
  const moments = [];
  const start = new Date(from);
  const month = new Date(start.getFullYear(), start.getMonth() - start.getMonth() % Math.min(every,
    12), 1);
  for (; month.getTime() <= to; month.setMonth(month.getMonth() + every)) {
    if (month.getTime() >= from) moments.push(month.getTime());
  }
  return { moments, step: every * 30 * day };
}

export function time_label_options(step, moment) {
  const date = new Date(moment);
  const midnight = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
  if (step >= 28 * day) {
    return date.getMonth() === 0 || step >= 300 * day ? { year: "numeric", month: "short" }
      : { month: "short" };
  }
  if (step >= day || (midnight && step >= minute)) return { day: "numeric", month: "short" };
  if (step >= minute) return { hour: "2-digit", minute: "2-digit" };
  return { hour: "2-digit", minute: "2-digit", second: "2-digit" };
}
