"""Interrupt: Ctrl-C and SIGTERM end a run in order, also where a shell started it with SIGINT ignored.

They cancel the main task, so that every context is left and stops what it started. A second signal cancels
again, and what is still stopping is killed. Nothing is stopped here.
"""

import asyncio
import signal

SIGNALS = (signal.SIGINT, signal.SIGTERM)
EXIT_INTERRUPTED = 130


def cancel_on_signals() -> None:
    """From now on both signals cancel the task that calls this."""
    this = asyncio.current_task()
    assert this is not None, "called from a task"
    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, this.cancel)
