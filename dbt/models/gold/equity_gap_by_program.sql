{{ equity_gap_of("program <> 'all'", ['program', 'measure']) }}
