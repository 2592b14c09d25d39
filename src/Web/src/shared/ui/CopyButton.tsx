import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { copyText } from './copyText';

const shownMs = 2_000;

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), shownMs);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <button type="button" className="icon-button" aria-label={label} title={label} onClick={() => void copyText(text).then(setIsCopied)}>
      {isCopied ? <Check aria-hidden /> : <Copy aria-hidden />}
      <span className="offscreen" role="status">{isCopied ? 'Copied' : ''}</span>
    </button>
  );
}
