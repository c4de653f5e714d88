#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_CELL_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_CELL_H_

#include <cstdint>
#include <string_view>

// The typing rules of TFX's CSV decoder: what Python's int() and float() make of the bytes of a
// cell.

namespace bessemer::example_gen::csv {

// Ordered: the type of a column is the largest of its cells'.
enum class CellType : uint8_t { kUnknown, kInt, kFloat, kString };

std::string_view CellTypeName(CellType type);  // "UNKNOWN", "INT", "FLOAT", "STRING"

enum class IntParse { kOk, kNotInt, kTooLong };

// Python's int(bytes): ASCII white space around, a sign, digits with single underscores between
// them. kTooLong: an integer outside int64.
IntParse ParsePythonInt(std::string_view text, int64_t* value);

// Python's float(bytes): ASCII white space around, a sign, decimal digits with single underscores
// between digits, point and exponent, or inf, infinity, nan in any case. The nearest double;
// infinity beyond its range.
bool ParsePythonFloat(std::string_view text, double* value);

// kUnknown for an empty cell; kString for an integer outside int64.
CellType ClassifyCell(std::string_view text);

}  // namespace bessemer::example_gen::csv

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_CELL_H_
