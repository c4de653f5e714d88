#include "bessemer/expression/expression.h"

#include <arrow/array.h>
#include <arrow/json/from_string.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tensorflow_metadata/proto/v0/schema.pb.h>
#include <google/protobuf/text_format.h>

#include <cmath>

#include "bessemer/expression/check.h"

namespace bessemer::expression {
namespace {

using ::testing::HasSubstr;

std::shared_ptr<arrow::RecordBatch> TestBatch() {
  const auto column = [](const std::shared_ptr<arrow::DataType>& type, const char* json) {
    return arrow::json::ArrayFromJSONString(type, json).ValueOrDie();
  };
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  const auto add = [&](const char* name, const std::shared_ptr<arrow::DataType>& type,
                       const char* json) {
    fields.push_back(arrow::field(name, type));
    arrays.push_back(column(type, json));
  };
  add("i", arrow::int64(), "[1, -7, null, 0]");
  add("j", arrow::int32(), "[3, 2, 5, -1]");
  add("f", arrow::float32(), "[1.5, -2.5, null, 0.5]");
  add("d", arrow::float64(), "[0.25, 4, 9, 16]");
  add("s", arrow::utf8(), R"(["Ab", null, " x ", "12"])");
  add("l", arrow::list(arrow::int64()), "[[1, 2], [], null, [3]]");
  add("t", arrow::list(arrow::utf8()), R"([["a"], ["b"], [], ["c"]])");
  add("a b", arrow::int64(), "[4, 5, 6, 7]");
  add("y", arrow::int64(), "[2013, 2013, 2000, 2024]");
  add("m", arrow::int64(), "[1, 12, 2, 2]");
  add("b", arrow::boolean(), "[true, false, null, true]");
  return arrow::RecordBatch::Make(arrow::schema(fields), 4, arrays);
}

StatusOr<BoundExpression> BindText(std::string_view text,
                                   const std::shared_ptr<arrow::RecordBatch>& batch) {
  BESSEMER_ASSIGN_OR_RETURN(const Expression expression, Expression::Parse(text));
  return expression.Bind(InputTypes::FromBatch(*batch));
}

std::string Show(const Column& column, int64_t num_rows) {
  std::string out;
  for (int64_t row = 0; row < num_rows; ++row) {
    if (row > 0) out += ' ';
    const bool scalar = column.type().shape == Shape::kScalar;
    const Shape shape = column.type().shape;
    const bool list = shape == Shape::kVector || shape == Shape::kRagged;
    const int64_t begin = scalar ? 0 : column.begin(row);
    const int64_t end = scalar ? 1 : column.end(row);
    if (list) out += '[';
    if (!list && begin == end) out += '-';
    for (int64_t i = begin; i < end; ++i) {
      if (i > begin) out += ',';
      if (column.type().kind == Kind::kInt) out += fmt::format("{}", column.ints()[i]);
      if (column.type().kind == Kind::kFloat) out += fmt::format("{:.4g}", column.floats()[i]);
      if (column.type().kind == Kind::kBytes) out += fmt::format("'{}'", column.bytes()[i]);
    }
    if (list) out += ']';
  }
  return out;
}

struct Case {
  const char* text;
  const char* type;
  const char* values;
};

// Rows: i 1 -7 - 0; j 3 2 5 -1; f 1.5 -2.5 - 0.5; d .25 4 9 16; s Ab - ' x ' 12; l [1,2] [] - [3].
constexpr Case kCases[] = {
    {"i", "optional int", "1 -7 - 0"},
    {"i + j", "optional int", "4 -5 - -1"},
    {"i + 1.5", "optional float", "2.5 -5.5 - 1.5"},
    {"2 - 3 * 2", "constant int", "-4 -4 -4 -4"},
    {"2 ** 3 ** 2", "constant float", "512 512 512 512"},
    {"-2 ** 2", "constant float", "-4 -4 -4 -4"},
    {"i // 2", "optional int", "0 -4 - 0"},
    {"i % 4", "optional int", "1 1 - 0"},
    {"i // i", "optional int", "1 1 - 0"},
    {"i / 2", "optional float", "0.5 -3.5 - 0"},
    {"j / 0", "optional float", "inf inf inf -inf"},
    {"9223372036854775807 + j", "optional int",
     "-9223372036854775806 -9223372036854775807 -9223372036854775804 9223372036854775806"},
    {"f // 1", "optional float", "1 -3 - 0"},
    {"f % 1", "optional float", "0.5 0.5 - 0.5"},
    {"i > 0", "optional int", "1 0 - 0"},
    {"i <= f", "optional int", "1 1 - 1"},
    {"s == \"Ab\"", "optional int", "1 - 0 0"},
    {"s != 'Ab'", "optional int", "0 - 1 1"},
    {"not i", "optional int", "0 0 - 1"},
    {"i > 0 and j > 0", "optional int", "1 0 - 0"},
    {"i > 0 and false", "optional int", "0 0 0 0"},
    {"i > 0 or true", "optional int", "1 1 1 1"},
    {"is_missing(i) or i > 0", "optional int", "1 0 1 0"},
    {"is_present(l)", "int", "1 0 0 1"},
    {"is_missing(3)", "constant int", "0 0 0 0"},
    {"if(i > 0, i, j)", "optional int", "1 2 - -1"},
    {"if(j > 2, s, 'none')", "optional string", "'Ab' 'none' ' x ' 'none'"},
    {"if(j > 2, 1, 0.5)", "optional float", "1 0.5 1 0.5"},
    {"fill(i, 9)", "int", "1 -7 9 0"},
    {"fill(i, d)", "optional float", "1 -7 9 0"},
    {"fill(s, '')", "string", "'Ab' '' ' x ' '12'"},
    {"fill(l, 0)", "ragged int", "[1,2] [0] [0] [3]"},
    {"l * 2 + 1", "ragged int", "[3,5] [] [] [7]"},
    {"l + fill(j, 0)", "ragged int", "[4,5] [] [] [2]"},
    {"l > 1", "ragged int", "[0,1] [] [] [1]"},
    {"abs(i)", "optional int", "1 7 - 0"},
    {"abs(f)", "optional float", "1.5 2.5 - 0.5"},
    {"round(f)", "optional float", "2 -2 - 0"},
    {"floor(f)", "optional float", "1 -3 - 0"},
    {"ceil(f)", "optional float", "2 -2 - 1"},
    {"round(i)", "optional int", "1 -7 - 0"},
    {"sqrt(d)", "optional float", "0.5 2 3 4"},
    {"log(exp(f))", "optional float", "1.5 -2.5 - 0.5"},
    {"log1p(0)", "constant float", "0 0 0 0"},
    {"sigmoid(0)", "constant float", "0.5 0.5 0.5 0.5"},
    {"is_nan(sqrt(i))", "optional float", "0 1 - 0"},
    {"clip(i, -1, 0.5)", "optional float", "0.5 -1 - 0"},
    {"clip(x=j, high=2, low=0)", "optional int", "2 2 2 0"},
    {"min(i, j, 0)", "optional int", "0 -7 - -1"},
    {"max(i, f)", "optional float", "1.5 -2.5 - 0.5"},
    {"lower(s)", "optional string", "'ab' - ' x ' '12'"},
    {"upper(s)", "optional string", "'AB' - ' X ' '12'"},
    {"strip(s)", "optional string", "'Ab' - 'x' '12'"},
    {"length(s)", "optional int", "2 - 3 2"},
    {"concat(s, '-', j)", "optional string", "'Ab-3' - ' x -5' '12--1'"},
    {"substr(s, 1, 5)", "optional string", "'b' - 'x ' '2'"},
    {"substr(s, 9, 5)", "optional string", "'' - '' ''"},
    {"int(f)", "optional int", "1 -2 - 0"},
    {"float(j) / 2", "optional float", "1.5 1 2.5 -0.5"},
    {"string(f)", "optional string", "'1.500000' '-2.500000' - '0.500000'"},
    {"parse_int(s)", "optional int", "- - - 12"},
    {"parse_float(concat(s, '.5'))", "optional float", "- - - 12.5"},
    {"cross(s, j)", "optional string", "'Ab_X_3' - ' x _X_5' '12_X_-1'"},
    {"hash('', 10)", "constant int", "3 3 3 3"},
    {"in(j, 1, 2, 3)", "optional int", "1 1 0 0"},
    {"in(s, '12', 'Ab')", "optional int", "1 - 0 1"},
    {"regex_match(s, '[0-9]+')", "optional int", "0 - 0 1"},
    {"one_hot(j, 4)", "float[4]", "[0,0,0,1] [0,0,1,0] [0,0,0,0] [0,0,0,0]"},
    {"multi_hot(l, 3)", "float[3]", "[0,1,1] [0,0,0] [0,0,0] [0,0,0]"},
    {"one_hot(j, 2) * 2", "float[2]", "[0,0] [0,0] [0,0] [0,0]"},
    {"`a b` + feature(\"a b\")", "optional int", "8 10 12 14"},
    {"t == 'a'", "optional int", "1 0 - 0"},
    {"b", "optional int", "1 0 - 1"},
    {"weekday(y, m, 29)", "optional int", "1 6 1 3"},
    {"true + false  # a comment", "constant int", "1 1 1 1"},
    {"'\\x41\\n'", "constant string", "'A\n' 'A\n' 'A\n' 'A\n'"},
};

TEST(ExpressionTest, Values) {
  const auto batch = TestBatch();
  for (const Case& test : kCases) {
    SCOPED_TRACE(test.text);
    const auto bound = BindText(test.text, batch);
    ASSERT_TRUE(bound.ok()) << bound.status();
    EXPECT_EQ(bound->type().ToString(), test.type);
    const auto column = bound->EvaluateColumn(*batch);
    ASSERT_TRUE(column.ok()) << column.status();
    EXPECT_EQ(Show(*column, 4), test.values);
    EXPECT_TRUE(bound->Evaluate(*batch).ok());
  }
}

// The same rows one by one, and none at all: rows do not depend on each other.
TEST(ExpressionTest, RowByRow) {
  const auto batch = TestBatch();
  for (const Case& test : kCases) {
    SCOPED_TRACE(test.text);
    const auto bound = BindText(test.text, batch);
    ASSERT_TRUE(bound.ok());
    std::string joined;
    for (int64_t row = 0; row < 4; ++row) {
      const auto column = bound->EvaluateColumn(*batch->Slice(row, 1));
      ASSERT_TRUE(column.ok()) << column.status();
      joined += (row > 0 ? " " : "") + Show(*column, 1);
    }
    EXPECT_EQ(joined, test.values);
    const auto none = bound->Evaluate(*batch->Slice(2, 0));
    ASSERT_TRUE(none.ok()) << none.status();
    EXPECT_EQ((*none)->length(), 0);
  }
}

TEST(ExpressionTest, Errors) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "1:1: the expression is empty"},
      {"i +", "1:4: expected a value, found the end"},
      {"i + * j", "1:5: expected a value, found '*'"},
      {"(i", "expected ')', found the end"},
      {"i j", "1:3: expected an operator or the end, found 'j'"},
      {"i = 3", "equality is written '=='"},
      {"i < j < 3", "comparisons do not chain"},
      {"i && j", "logic is written 'and', 'or' and 'not'"},
      {"'abc", "1:1: this text has no closing quote"},
      {"'\\q'", "unknown escape"},
      {"99999999999999999999", "does not fit in 64 bits"},
      {"1e999", "too large or too small"},
      {"3x", "cannot begin with a digit"},
      {"i\n  + jj", "2:5: unknown feature 'jj'"},
      {"nope + 1", "unknown feature 'nope'"},
      {"flor(f)", "unknown function 'flor'; did you mean 'floor'?"},
      {"clip(i, 1)", "argument 'high' of clip(x, low, high) is missing"},
      {"floor(f, 1)", "too many arguments for floor(x)"},
      {"clip(i, lo=1, high=2)", "clip has no argument 'lo'; did you mean 'low'?"},
      {"clip(i, 1, low=2, high=3)", "argument 'low' of clip is given twice"},
      {"clip(low=1, i, 2)", "arguments without a name come before named ones"},
      {"hash(s, j)", "a literal is needed here"},
      {"hash(s, 0)", "the number of buckets must be positive"},
      {"hash(s, 'x')", "must be an int"},
      {"hash(s, '\\xff')", "must be an int"},
      {"log(s)", "argument 'x' of log must be a number, not optional string"},
      {"i + s", "argument 'b' of add must be a number, not optional string"},
      {"i == s", "equal of a int and a string"},
      {"one_hot(f, 3)", "must be an int"},
      {"one_hot(l, 3)", "x may have any number of values a row"},
      {"l + i", "fill(x, default) it first"},
      {"regex_match(s, '(')", "not a regular expression"},
      {"min(i)", "only a transform can"},
      {"max()", "argument 'a' of max(a, b, …) is missing"},
      {"[1, 'a'] + 1", "a list holds numbers or strings, not both"},
      {"[1] + 1", "is not one value a row"},
      {"parse_int('x')", "this constant has no value"},
  };
  const auto batch = TestBatch();
  for (const auto& [text, message] : cases) {
    SCOPED_TRACE(text);
    const auto bound = BindText(text, batch);
    ASSERT_FALSE(bound.ok());
    EXPECT_THAT(std::string(Message(bound.status())), HasSubstr(message));
  }
}

TEST(ExpressionTest, ErrorsPointAtThePlace) {
  const auto bound = BindText("i +\n  flor(f)", TestBatch());
  EXPECT_EQ(Message(bound.status()),
            "2:3: unknown function 'flor'; did you mean 'floor'?\n    flor(f)\n    ^");
}

TEST(ExpressionTest, DeepAndLongTextsAreRefusedNotCrashed) {
  EXPECT_THAT(std::string(Message(Expression::Parse(std::string(50000, '(')).status())),
              HasSubstr("nested too deeply"));
  EXPECT_THAT(std::string(Message(Expression::Parse(std::string(50000, '-')).status())),
              HasSubstr("nested too deeply"));
  std::string chain = "1";
  for (int i = 0; i < 20000; ++i) chain += "+1";
  EXPECT_THAT(std::string(Message(Expression::Parse(chain).status())),
              HasSubstr("too many operators"));
  EXPECT_THAT(std::string(Message(Expression::Parse(std::string(70000, ' ')).status())),
              HasSubstr("too long"));
}

TEST(ExpressionTest, PredicateKeepsTrueRowsOnly) {
  const auto batch = TestBatch();
  const auto rows = [&](const char* text) {
    return BindText(text, batch)->EvaluatePredicate(*batch).value();
  };
  EXPECT_THAT(rows("is_present(i)"), testing::ElementsAre(0, 1, 3));
  EXPECT_THAT(rows("i < 100"), testing::ElementsAre(0, 1, 3));
  EXPECT_THAT(rows("not (i < 100)"), testing::ElementsAre());
  EXPECT_THAT(rows("l == 2 "), testing::ElementsAre(0));
  EXPECT_THAT(rows("1"), testing::ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(rows("sqrt(i)"), testing::ElementsAre(0));
  const auto text = BindText("s", batch)->EvaluatePredicate(*batch);
  EXPECT_THAT(std::string(Message(text.status())), HasSubstr("not a condition"));
  const auto filtered = BindText("j > 2", batch)->Filter(batch);
  ASSERT_TRUE(filtered.ok()) << filtered.status();
  EXPECT_EQ((*filtered)->num_rows(), 2);
  EXPECT_EQ((*filtered)->num_columns(), batch->num_columns());
}

TEST(ExpressionTest, SchemaDecidesTypes) {
  ::tensorflow::metadata::v0::Schema schema;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(R"pb(
    feature { name: "req" type: INT value_count { min: 1 max: 1 } presence { min_fraction: 1 } }
    feature { name: "opt" type: FLOAT value_count { min: 1 max: 1 } presence { min_count: 1 } }
    feature { name: "vec" type: BYTES shape { dim { size: 3 } } presence { min_fraction: 1 } }
    feature { name: "one" type: BYTES shape {} presence { min_fraction: 1 } }
    feature { name: "rag" type: INT }
    feature { name: "old" type: INT lifecycle_stage: DEPRECATED }
    feature { name: "neg" type: INT shape { dim { size: -1 } } }
    feature { name: "huge" type: INT shape { dim { size: 9999999999 } dim { size: 9999999999 } } }
  )pb", &schema));
  const InputTypes types = InputTypes::FromSchema(schema);
  EXPECT_EQ(types.Get("req")->ToString(), "int");
  EXPECT_EQ(types.Get("opt")->ToString(), "optional float");
  EXPECT_EQ(types.Get("vec")->ToString(), "string[3]");
  EXPECT_EQ(types.Get("one")->ToString(), "string");
  EXPECT_EQ(types.Get("rag")->ToString(), "ragged int");
  EXPECT_THAT(std::string(Message(types.Get("old").status())), HasSubstr("deprecated"));
  for (const char* name : {"neg", "huge"}) {
    EXPECT_THAT(std::string(Message(types.Get(name).status())), HasSubstr("no shape of a row"));
  }
  EXPECT_THAT(std::string(Message(types.Get("opr").status())), HasSubstr("did you mean 'opt'"));

  const auto batch = TestBatch();
  InputTypes wrong;
  wrong.Add("i", Type::Row(Kind::kInt));
  wrong.Add("l", Type::Row(Kind::kInt, true));
  wrong.Add("s", Type::Row(Kind::kInt, true));
  wrong.Add("absent", Type::Row(Kind::kInt, true));
  wrong.Add("j", Type::Vector(Kind::kInt, int64_t{1} << 40));
  const auto message = [&](const char* text) {
    return std::string(
        Message(Expression::Parse(text)->Bind(wrong)->Evaluate(*batch).status()));
  };
  EXPECT_THAT(message("i + 1"), HasSubstr("feature 'i': row 2 has no value"));
  EXPECT_THAT(message("l + 1"), HasSubstr("feature 'l': row 0 has 2 values"));
  EXPECT_THAT(message("s + 1"), HasSubstr("feature 's': values are string, not integers"));
  EXPECT_EQ(message("absent + 1"), "");
  EXPECT_THAT(message("j + 1"), HasSubstr("row 0 has 1 values, but 1099511627776 are required"));
}

TEST(ExpressionTest, EqualPartsAreOneNode) {
  Graph graph(&StandardFunctions(), InputTypes::FromBatch(*TestBatch()));
  const int a = graph.Add("sqrt(d) + 1").value();
  const size_t before = graph.nodes().size();
  EXPECT_EQ(graph.Add("sqrt(d) + 1").value(), a);
  EXPECT_EQ(graph.nodes().size(), before);
}

TEST(CheckTest, KnowsFunctionsAndArgumentsButNoColumns) {
  for (const char* good : {"a + log(b) > 3", "is_present(x) and not y", "clip(x, 0, 1)"}) {
    EXPECT_TRUE(CheckExpression(good).ok()) << CheckExpression(good);
  }
  const std::pair<const char*, const char*> bad[] = {
      {"a + lgo(b)", "1:5: unknown function 'lgo'; did you mean 'log'"},
      {"clip(x, 0, 1, 2)", "1:15: too many arguments for clip"},
      {"1 + clip(lgo(x), 0, 1)", "unknown function 'lgo'"},
      {"clip(x, hgh=1)", "clip has no argument 'hgh'"},
      {"a +", "1:4"},
  };
  for (const auto& [text, message] : bad) {
    EXPECT_THAT(std::string(Message(CheckExpression(text))), HasSubstr(message)) << text;
  }
}

TEST(FunctionTest, EveryFunctionIsDocumented) {
  ASSERT_TRUE(StandardFunctions().status().ok()) << StandardFunctions().status();
  for (const Function& function : StandardFunctions().entries()) {
    SCOPED_TRACE(function.name);
    EXPECT_FALSE(function.arguments.empty());
    for (const Argument& argument : function.arguments) EXPECT_FALSE(argument.doc.empty());
    const int forms = !!function.kernel + !!function.evaluate + !function.definition.empty() +
                      !function.analyzer.empty();
    EXPECT_EQ(forms, 1);
    if (function.evaluate) {
      EXPECT_TRUE(function.infer);
    }
  }
}

TEST(ColumnTest, ConstantsSurviveJson) {
  const Column columns[] = {Column::Constant(int64_t{-5}), Column::Constant(0.1f),
                            Column::Constant(std::nanf("")), Column::Constant("x\xff"),
                            Column::List(std::vector<std::string>{"a", "", "\xfe"})};
  for (const Column& column : columns) {
    const auto back = Column::FromJson(Json::parse(column.ToJson().dump()));
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(back->ToJson(), column.ToJson());
    EXPECT_EQ(back->type(), column.type());
  }
  for (const char* bad : {R"({"kind": "int", "list": false, "values": []})",
                          R"({"kind": "int", "list": true, "values": ["x"]})", "3"}) {
    EXPECT_FALSE(Column::FromJson(Json::parse(bad)).ok()) << bad;
  }
}

}  // namespace
}  // namespace bessemer::expression
