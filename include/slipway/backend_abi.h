/* The backend ABI: how Slipway speaks with an inference engine in a shared library (docs/formats/backend-abi.md).
 *
 * A plugin exports one function, slipway_backend_entry. It returns a table of functions that lives as long as the
 * library. No C++ type, exception or allocator crosses this line: memory is freed by the side that allocated it, text
 * of errors goes into the caller's buffer. All strings are UTF-8 and NUL-terminated. Tensors are row-major,
 * little-endian and without padding; BYTES elements are a 32-bit little-endian length followed by that many bytes.
 */
#ifndef SLIPWAY_BACKEND_ABI_H
#define SLIPWAY_BACKEND_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SLIPWAY_BACKEND_ABI_MAJOR 1 /* a different major cannot be loaded */
#define SLIPWAY_BACKEND_ABI_MINOR 0 /* grows when members are appended to a struct */

enum slipway_datatype {
  SLIPWAY_BOOL = 1,
  SLIPWAY_UINT8,
  SLIPWAY_UINT16,
  SLIPWAY_UINT32,
  SLIPWAY_UINT64,
  SLIPWAY_INT8,
  SLIPWAY_INT16,
  SLIPWAY_INT32,
  SLIPWAY_INT64,
  SLIPWAY_FP16,
  SLIPWAY_FP32,
  SLIPWAY_FP64,
  SLIPWAY_BYTES,
  SLIPWAY_BF16
};

enum slipway_device { SLIPWAY_CPU = 0 };

#define SLIPWAY_MAX_RANK 8

/* What a call answers. */
enum slipway_status {
  SLIPWAY_OK = 0,
  SLIPWAY_INVALID_INPUT = 1, /* the model file or the values are at fault */
  SLIPWAY_INTERNAL = 2,      /* the engine is at fault */
  SLIPWAY_CANCELLED = 3,
  SLIPWAY_UNAVAILABLE = 4 /* the engine cannot run here (a library is missing, no memory) */
};

/* Where a call writes why it failed: at most `capacity` bytes, always NUL-terminated. */
typedef struct slipway_error {
  char* text;
  size_t capacity;
} slipway_error;

typedef struct slipway_tensor {
  const char* name;
  int32_t datatype; /* enum slipway_datatype */
  int32_t device;   /* enum slipway_device */
  int32_t rank;     /* 0 to SLIPWAY_MAX_RANK */
  int32_t index;    /* of this input or output in the model's signature */
  int64_t shape[SLIPWAY_MAX_RANK];
  const void* data; /* aligned to its element at least; never NULL, also when byte_length is 0 */
  uint64_t byte_length;
} slipway_tensor;

/* One input or output as the model declares it; -1 in `shape` is a free dimension. */
typedef struct slipway_tensor_spec {
  const char* name;
  int32_t datatype;
  int32_t rank;
  int64_t shape[SLIPWAY_MAX_RANK];
  int32_t optional; /* 1: the input may be left out */
  int32_t reserved;
} slipway_tensor_spec;

typedef struct slipway_file {
  const char* path; /* relative to the package */
  const void* data;
  uint64_t byte_length;
} slipway_file;

typedef struct slipway_load_request {
  size_t struct_size;
  const slipway_file* files; /* valid, with their bytes, until load() returns: what is needed later is copied */
  size_t file_count;
  size_t main_file;
  uint32_t intra_op_threads; /* 1: the engine starts no threads of its own and does not spin */
  uint32_t reserved;
} slipway_load_request;

typedef struct slipway_model slipway_model;         /* opaque, owned by the plugin */
typedef struct slipway_execution slipway_execution; /* opaque: the memory behind one execution's outputs */

typedef struct slipway_signature {
  const slipway_tensor_spec* inputs;
  size_t input_count;
  const slipway_tensor_spec* outputs;
  size_t output_count;
} slipway_signature;

/* A row that failed alone while its neighbours have outputs. */
typedef struct slipway_row_error {
  uint64_t row;
  int32_t status;
  int32_t reserved;
  const char* text;
} slipway_row_error;

typedef struct slipway_result {
  size_t struct_size;
  slipway_tensor* outputs;             /* caller's array, one per wanted output, in that order; filled by execute() */
  slipway_execution* execution;        /* given back by release(); outputs and row_errors live until then */
  const slipway_row_error* row_errors; /* ascending by row; NULL when none */
  size_t row_error_count;
} slipway_result;

/* Every member is required. load() may be called by several threads at once, each for a model of its own; execute() and
 * release() by many threads at once on one model, release() by any thread; unload() by one, after the last release().
 * Inputs of execute() are borrowed until it returns and were checked by the host against signature(): names, datatypes,
 * fixed dimensions and byte lengths fit; inputs that are not optional are all there, each once, in any order.
 * When a function does not answer SLIPWAY_OK it has given nothing that must be released. */
typedef struct slipway_backend {
  size_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  uint32_t reserved;
  const char* name;     /* "onnxruntime" */
  const char* version;  /* the engine's version */
  const char* platform; /* Open Inference Protocol platform, e.g. "onnx_onnxv1" */
  int (*load)(const slipway_load_request* request, slipway_model** model, slipway_error* error);
  void (*signature)(const slipway_model* model, slipway_signature* signature); /* valid until unload */
  int (*execute)(slipway_model* model, const slipway_tensor* inputs, size_t input_count, const uint32_t* wanted,
                 size_t wanted_count, slipway_result* result, slipway_error* error);
  void (*release)(slipway_model* model, slipway_execution* execution);
  void (*unload)(slipway_model* model);
} slipway_backend;

/* The one exported function. NULL if the host's major version is not supported or the engine cannot start. */
typedef const slipway_backend* (*slipway_backend_entry_fn)(uint16_t host_major, uint16_t host_minor,
                                                           slipway_error* error);
#define SLIPWAY_BACKEND_ENTRY "slipway_backend_entry"

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif
