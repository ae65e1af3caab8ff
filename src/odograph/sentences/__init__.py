"""The words of findings: functions of numbers that give `Words`; they see no run and no study.

What every finding shares: `english`, `numbers`, `names`, `evidence` (brackets behind a statement),
`nulls` and `seeds` (what stands beside it), `record` (the finding itself), `headline`, `wording`
and `missing` (rules that are checked). All other modules word what one study or question finds.
"""
