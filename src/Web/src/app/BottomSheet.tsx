import { useRef, type PointerEvent, type ReactNode } from 'react';
import { nextHeight, peekHeight, restOf, sheetStops, type SheetHeight } from './sheet';

interface BottomSheetProps {
  readonly height: SheetHeight;
  readonly onHeight: (height: SheetHeight) => void;
  readonly children: ReactNode;
}

const clickSlop = 6;

/** Takes the place of panel and drawer on a narrow screen; drawn up and down by its handle, or by a press on it. */
export function BottomSheet({ height, onHeight, children }: BottomSheetProps) {
  const sheet = useRef<HTMLDivElement>(null);
  const drag = useRef<{ startY: number; startHeight: number; lastY: number; lastAt: number; velocity: number } | null>(null);

  const begin = (event: PointerEvent) => {
    if (sheet.current === null) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { startY: event.clientY, startHeight: sheet.current.offsetHeight, lastY: event.clientY, lastAt: event.timeStamp, velocity: 0 };
    sheet.current.dataset['dragged'] = '';
  };
  const move = (event: PointerEvent) => {
    const now = drag.current;
    if (now === null || sheet.current === null) return;
    const elapsed = Math.max(1, event.timeStamp - now.lastAt);
    now.velocity = (now.lastY - event.clientY) / elapsed;
    now.lastY = event.clientY;
    now.lastAt = event.timeStamp;
    sheet.current.style.height = `${now.startHeight + now.startY - event.clientY}px`;
  };
  const end = (event: PointerEvent) => {
    const now = drag.current;
    drag.current = null;
    if (now === null || sheet.current === null) return;
    delete sheet.current.dataset['dragged'];
    sheet.current.style.height = '';
    const way = now.startY - event.clientY;
    if (Math.abs(way) < clickSlop) return;
    const room = sheet.current.parentElement?.clientHeight ?? window.innerHeight;
    onHeight(restOf(now.startHeight + way, now.velocity, sheetStops(room, peekHeight)));
  };
  const press = () => onHeight(nextHeight(height));

  return (
    <div ref={sheet} className="sheet" data-height={height}>
      <button
        type="button" className="sheet-handle" aria-label={`Sheet height: ${height}`}
        onPointerDown={begin} onPointerMove={move} onPointerUp={end} onPointerCancel={end} onClick={press}
      >
        <span aria-hidden="true" />
      </button>
      {children}
    </div>
  );
}
