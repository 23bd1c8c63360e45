{{ equity_gap_of("program = 'all'", ['measure']) }}
