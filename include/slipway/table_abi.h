/* The table ABI: how Slipway reads evaluation data in formats that a shared library knows (docs/formats/table-abi.md).
 *
 * A plugin exports one function, slipway_table_entry. It returns a table of functions that lives as long as the
 * library. No C++ type, exception or allocator crosses this line: what a call is given is borrowed until it returns,
 * text of errors goes into the caller's buffer. Texts are UTF-8 with their length.
 */
#ifndef SLIPWAY_TABLE_ABI_H
#define SLIPWAY_TABLE_ABI_H

#include <stdint.h>

#include "slipway/backend_abi.h" /* slipway_error, slipway_status */

#ifdef __cplusplus
extern "C" {
#endif

#define SLIPWAY_TABLE_ABI_MAJOR 1 /* a different major cannot be loaded */
#define SLIPWAY_TABLE_ABI_MINOR 0 /* grows when members are appended to a struct */

enum slipway_cell_kind { SLIPWAY_NUMBER = 0, SLIPWAY_TEXT = 1 };

/* All cells of one name. Those that are missing have any value. */
typedef struct slipway_table_column {
  uint32_t struct_size;
  int32_t kind; /* enum slipway_cell_kind */
  const char* name;
  uint64_t name_length;
  uint64_t rows;
  const uint8_t* missing;    /* `rows` of 0 or 1 */
  const double* numbers;     /* of a column of numbers: `rows` of them */
  const char* texts;         /* of a column of texts: one after another */
  const uint64_t* text_ends; /* `rows` of them, rising: where each text ends in `texts` */
} slipway_table_column;

typedef struct slipway_table_limits {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t rows;
  uint64_t columns;
  uint64_t cells;
  uint64_t text_bytes; /* of one column */
  uint64_t memory;     /* of the library, bytes */
} slipway_table_limits;

/* Takes one column; not 0: reading shall end, with SLIPWAY_CANCELLED. */
typedef int32_t (*slipway_take_column)(void* host, const slipway_table_column* column);

typedef struct slipway_table_format {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  const char* name;    /* "parquet" */
  const char* version; /* of the library behind it */
  /* Gives every column to `take`, in their order. SLIPWAY_INVALID_INPUT: the content is at fault, or more than the
   * limits. Any thread. */
  int32_t (*read)(const void* content, uint64_t size, const slipway_table_limits* limits, slipway_take_column take,
                  void* host, slipway_error* error);
} slipway_table_format;

#define SLIPWAY_TABLE_ENTRY "slipway_table_entry"
typedef const slipway_table_format* (*slipway_table_entry_fn)(void);

#ifdef __cplusplus
}
#endif

#endif /* SLIPWAY_TABLE_ABI_H */
