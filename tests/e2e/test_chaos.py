"""Nothing is lost, whatever is killed and however Telegram misbehaves; `make chaos` does the same for longer."""

from __future__ import annotations

from pathlib import Path

from .chaos import Chaos, Plan


async def test_nothing_is_lost_in_chaos(tmp_path: Path) -> None:
    plan = Plan(people=6, photos=3, kills=2, cold=1, between=(0.5, 2.0), pace=(0.1, 1.0), side=112, patience=120.0)
    report = await Chaos(tmp_path, plan).run()
    assert report.lost == 0, report
    assert report.failed == 0, report
    assert report.doubled <= 1, report
    assert report.answered_once + report.doubled == report.photos == 18
    assert sum(report.kills.values()) >= 1
    assert report.crashes == 0
    assert report.status_messages_left == 0, report
    assert report.jobs_left == 0
    assert report.leaks == []
    assert report.exit_code == 0
