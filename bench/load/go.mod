module cellrouter/bench/load

go 1.22
