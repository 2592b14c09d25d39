/** A subscription that tells at most once in a while, always also of the last change. */
export function throttled(subscribe: (listener: () => void) => () => void, ms: number): (listener: () => void) => () => void {
  return (listener) => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const end = subscribe(() => {
      timer ??= setTimeout(() => {
        timer = null;
        listener();
      }, ms);
    });
    return () => {
      if (timer !== null) clearTimeout(timer);
      end();
    };
  };
}

/** Acts at once and then at most once in a while, always also for the last call. `cancel` drops what waits. */
export function throttle(act: () => void, ms: number): { call: () => void; cancel: () => void } {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let isWaiting = false;
  const rest = () => {
    timer = null;
    if (!isWaiting) return;
    isWaiting = false;
    call();
  };
  const call = () => {
    if (timer !== null) {
      isWaiting = true;
      return;
    }
    timer = setTimeout(rest, ms);
    act();
  };
  const cancel = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    isWaiting = false;
  };
  return { call, cancel };
}
