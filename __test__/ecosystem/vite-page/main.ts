import { answer } from './answer.ts';
import './style.css';

async function report(what: Record<string, unknown>) {
  const protocols = new Set(performance.getEntriesByType('resource').map((entry) => (entry as PerformanceResourceTiming).nextHopProtocol));
  await fetch('/report', { method: 'POST', body: JSON.stringify({ ...what, protocols: [...protocols] }) });
}

// Says that the page has loaded; the server then changes answer.ts, which comes by the WebSocket of hot replacement.
report({ answer, color: getComputedStyle(document.querySelector('h1')!).color });

import.meta.hot!.accept('./answer.ts', (replaced) => report({ answer: replaced!.answer }));
