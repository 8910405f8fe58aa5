// sqlite3_config is variadic, which Swift can't call.
#pragma once
#include <sqlite3.h>

// https://sqlite.org/c3ref/c_config_covering_index_scan.html#sqliteconfigmemstatus
static inline int sqlite_config_without_memory_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
