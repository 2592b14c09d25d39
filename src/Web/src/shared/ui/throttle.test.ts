import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { throttle, throttled } from './throttle';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('throttle', () => {
  it('acts at once and once more for what came meanwhile', () => {
    const act = vi.fn();
    const { call } = throttle(act, 300);
    call(); call(); call();
    expect(act).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(300);
    expect(act).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(3_000);
    expect(act).toHaveBeenCalledTimes(2);
    call();
    expect(act).toHaveBeenCalledTimes(3);
  });
  it('drops what waits', () => {
    const act = vi.fn();
    const { call, cancel } = throttle(act, 300);
    call(); call(); cancel();
    vi.advanceTimersByTime(3_000);
    expect(act).toHaveBeenCalledTimes(1);
  });
});

describe('throttled', () => {
  it('tells of many changes once, and of none after the end', () => {
    let change = () => {};
    const listener = vi.fn();
    const end = throttled((each) => { change = each; return () => { change = () => {}; }; }, 500)(listener);
    change(); change();
    expect(listener).not.toHaveBeenCalled();
    vi.advanceTimersByTime(500);
    expect(listener).toHaveBeenCalledTimes(1);
    change();
    end();
    vi.advanceTimersByTime(500);
    expect(listener).toHaveBeenCalledTimes(1);
  });
});
