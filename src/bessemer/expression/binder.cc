#include "bessemer/expression/binder.h"

#include <algorithm>

#include "bessemer/base/json_text.h"
#include "bessemer/base/nearest_name.h"

namespace bessemer::expression {
namespace {

// The value argument that the i-th value of a call is for.
const Argument& ValueArgument(const Function& function, size_t index) {
  const Argument* last = nullptr;
  size_t seen = 0;
  for (const Argument& argument : function.arguments) {
    if (argument.constant) continue;
    last = &argument;
    if (seen++ == index) break;
  }
  return *last;
}

size_t NumValueArguments(const Function& function) {
  return std::count_if(function.arguments.begin(), function.arguments.end(),
                       [](const Argument& argument) { return !argument.constant; });
}

bool IsSame(Accepts accepts) {
  return accepts == Accepts::kSame || accepts == Accepts::kSameNumber;
}

std::string_view Wanted(Accepts accepts) {
  switch (accepts) {
    case Accepts::kInt:
      return "an int";
    case Accepts::kFloat:
    case Accepts::kNumber:
    case Accepts::kSameNumber:
      return "a number";
    case Accepts::kText:
      return "a string or an int";
    case Accepts::kBytes:
      return "a string";
    default:
      return "a value";
  }
}

// The kind a value must be converted to; none if it cannot be accepted.
std::optional<Kind> Target(Accepts accepts, Kind kind) {
  switch (accepts) {
    case Accepts::kInt:
      return kind == Kind::kInt ? std::optional(kind) : std::nullopt;
    case Accepts::kFloat:
      return kind == Kind::kBytes ? std::nullopt : std::optional(Kind::kFloat);
    case Accepts::kNumber:
    case Accepts::kSameNumber:
      return kind == Kind::kBytes ? std::nullopt : std::optional(kind);
    case Accepts::kText:
      return kind == Kind::kFloat ? std::nullopt : std::optional(Kind::kBytes);
    case Accepts::kBytes:
      return kind == Kind::kBytes ? std::optional(kind) : std::nullopt;
    default:
      return kind;
  }
}

// A literal for a message. Texts may hold any bytes, which JSON may not.
std::string Shown(const Json& literal) {
  return JsonText(literal);
}

bool LiteralFits(const Argument& argument, const Json& value) {
  switch (argument.accepts) {
    case Accepts::kInt:
      return value.is_number_integer();
    case Accepts::kFloat:
    case Accepts::kNumber:
      return value.is_number();
    case Accepts::kBytes:
      return value.is_string();
    default:
      return true;
  }
}

}  // namespace

Status Binder::Fail(const Syntax& at, const Status& status) const {
  if (definition_depth_ > 0) return status;  // the call of the definition adds its position
  return ErrorAt(status.code(), text_, at.position, Message(status));
}

StatusOr<int> Binder::Bind(const Syntax& syntax) {
  Node node;
  switch (syntax.kind) {
    case Syntax::Kind::kInt:
      node.constant = Column::Constant(syntax.int_value);
      break;
    case Syntax::Kind::kFloat:
      node.constant = Column::Constant(static_cast<float>(syntax.float_value));
      break;
    case Syntax::Kind::kString:
      node.constant = Column::Constant(std::string_view(syntax.text));
      break;
    case Syntax::Kind::kList:
      return BindList(syntax);
    case Syntax::Kind::kCall:
      return BindCall(syntax);
    case Syntax::Kind::kFeature: {
      if (scope_ != nullptr) {
        const auto found = scope_->find(syntax.text);
        if (found == scope_->end()) return InternalError("no argument '{}'", syntax.text);
        return found->second.node >= 0 ? found->second.node : BindSetting(found->second.constant);
      }
      auto type = graph_.inputs_.Get(syntax.text);
      if (!type.ok()) return Fail(syntax, type.status());
      node.op = Node::Op::kInput;
      node.feature = syntax.text;
      node.type = *type;
      return graph_.Insert(std::move(node));
    }
  }
  node.type = node.constant.type();
  return graph_.Insert(std::move(node));
}

Status Binder::Check(const Syntax& syntax) const {
  if (syntax.kind == Syntax::Kind::kList) return Literal(syntax).status();
  if (syntax.kind != Syntax::Kind::kCall) return OkStatus();
  BESSEMER_ASSIGN_OR_RETURN(const Function* function, FindFunction(syntax));
  BESSEMER_ASSIGN_OR_RETURN(const Arguments arguments, Arrange(syntax, *function));
  BESSEMER_ASSIGN_OR_RETURN(const Json settings, Settings(syntax, *function, arguments));
  if (function->check) {
    const Status status = function->check(settings);
    if (!status.ok()) return Fail(syntax, status);
  }
  for (const Syntax* value : arguments.values) BESSEMER_RETURN_IF_ERROR(Check(*value));
  return OkStatus();
}

StatusOr<int> Binder::BindSetting(const Json& value) {
  Node node;
  if (value.is_number_integer()) {
    node.constant = Column::Constant(value.get<int64_t>());
  } else if (value.is_number()) {
    node.constant = Column::Constant(value.get<float>());
  } else if (value.is_string()) {
    node.constant = Column::Constant(std::string_view(value.get_ref<const std::string&>()));
  } else {
    return InternalError("the setting {} is no value", Shown(value));
  }
  node.type = node.constant.type();
  return graph_.Insert(std::move(node));
}

StatusOr<int> Binder::BindList(const Syntax& list) {
  BESSEMER_ASSIGN_OR_RETURN(const Json items, Literal(list));
  bool strings = false, floats = false, numbers = false;
  for (const Json& item : items) {
    strings = strings || item.is_string();
    floats = floats || item.is_number_float();
    numbers = numbers || item.is_number();
    if (item.is_array()) return Fail(list, InvalidArgumentError("a list of lists has no use here"));
  }
  if (strings && numbers) {
    return Fail(list, InvalidArgumentError("a list holds numbers or strings, not both"));
  }
  Node node;
  if (strings) {
    node.constant = Column::List(items.get<std::vector<std::string>>());
  } else if (floats) {
    node.constant = Column::List(items.get<std::vector<float>>());
  } else {
    node.constant = Column::List(items.get<std::vector<int64_t>>());
  }
  node.type = node.constant.type();
  return graph_.Insert(std::move(node));
}

StatusOr<Json> Binder::Literal(const Syntax& syntax) const {
  switch (syntax.kind) {
    case Syntax::Kind::kInt:
      return Json(syntax.int_value);
    case Syntax::Kind::kFloat:
      return Json(syntax.float_value);
    case Syntax::Kind::kString:
      return Json(syntax.text);
    case Syntax::Kind::kList: {
      Json items = Json::array();
      for (const auto& arg : syntax.args) {
        BESSEMER_ASSIGN_OR_RETURN(Json item, Literal(*arg));
        items.push_back(std::move(item));
      }
      return items;
    }
    case Syntax::Kind::kFeature:
      if (scope_ != nullptr) {
        const auto found = scope_->find(syntax.text);
        if (found != scope_->end() && found->second.node < 0) return found->second.constant;
      }
      break;
    case Syntax::Kind::kCall:
      break;
  }
  return Fail(syntax, InvalidArgumentError("a literal is needed here, not something computed"));
}

StatusOr<const Function*> Binder::FindFunction(const Syntax& call) const {
  auto function = graph_.functions_->Find(call.text);
  if (!function.ok()) return Fail(call, function.status());
  if ((*function)->single_argument.empty() || call.args.size() != 1 || !call.keywords.empty()) {
    return *function;
  }
  auto single = graph_.functions_->Find((*function)->single_argument);
  if (!single.ok()) {
    return Fail(call, InvalidArgumentError("{}(x) of one argument is taken over all rows, which "
                                           "only a transform can; a row's {} needs two or more",
                                           call.text, call.text));
  }
  return *single;
}

StatusOr<Binder::Arguments> Binder::Arrange(const Syntax& call, const Function& function) const {
  const size_t num_values = NumValueArguments(function);
  std::vector<const Syntax*> slots(num_values, nullptr);
  Arguments out;
  const auto place = [&](const Argument& argument, const Syntax* syntax) -> Status {
    if (argument.constant) {
      if (!out.settings.emplace(argument.name, syntax).second) {
        return Fail(*syntax, InvalidArgumentError("argument '{}' of {} is given twice",
                                                  argument.name, function.name));
      }
      return OkStatus();
    }
    size_t index = 0;
    for (const Argument& known : function.arguments) {
      if (&known == &argument) break;
      if (!known.constant) ++index;
    }
    if (slots[index] != nullptr) {
      return Fail(*syntax, InvalidArgumentError("argument '{}' of {} is given twice",
                                                argument.name, function.name));
    }
    slots[index] = syntax;
    return OkStatus();
  };
  std::vector<const Syntax*> extra;
  for (size_t i = 0; i < call.args.size(); ++i) {
    const Syntax* syntax = call.args[i].get();
    if (function.variadic) {
      if (i < num_values) {
        slots[i] = syntax;
      } else {
        extra.push_back(syntax);
      }
    } else if (i < function.arguments.size()) {
      BESSEMER_RETURN_IF_ERROR(place(function.arguments[i], syntax));
    } else {
      return Fail(*syntax, InvalidArgumentError("too many arguments for {}", Signature(function)));
    }
  }
  for (const auto& [name, syntax] : call.keywords) {
    const auto argument =
        std::find_if(function.arguments.begin(), function.arguments.end(),
                     [&, &name = name](const Argument& known) { return known.name == name; });
    if (argument == function.arguments.end()) {
      std::vector<std::string> names;
      for (const Argument& known : function.arguments) names.push_back(known.name);
      return Fail(*syntax, InvalidArgumentError("{} has no argument '{}'{}", function.name, name,
                                                SuggestName(name, names)));
    }
    BESSEMER_RETURN_IF_ERROR(place(*argument, syntax.get()));
  }
  for (size_t i = 0; i < num_values; ++i) {
    if (slots[i] == nullptr) {
      return Fail(call, InvalidArgumentError("argument '{}' of {} is missing",
                                             ValueArgument(function, i).name,
                                             Signature(function)));
    }
    out.values.push_back(slots[i]);
  }
  out.values.insert(out.values.end(), extra.begin(), extra.end());
  if (function.variadic &&
      out.values.size() < num_values - 1 + static_cast<size_t>(function.min_repeats)) {
    return Fail(call, InvalidArgumentError("{} needs at least {} arguments", Signature(function),
                                           num_values - 1 + function.min_repeats));
  }
  return out;
}

StatusOr<Json> Binder::Settings(const Syntax& call, const Function& function,
                                const Arguments& arguments) const {
  Json settings = Json::object();
  for (const Argument& argument : function.arguments) {
    if (!argument.constant) continue;
    const auto given = arguments.settings.find(argument.name);
    if (given == arguments.settings.end()) {
      if (argument.default_value.is_null() && !argument.nullable) {
        return Fail(call, InvalidArgumentError("argument '{}' of {} is missing", argument.name,
                                               Signature(function)));
      }
      settings[argument.name] = argument.default_value;
      continue;
    }
    BESSEMER_ASSIGN_OR_RETURN(Json value, Literal(*given->second));
    if (!(value.is_null() && argument.nullable) && !LiteralFits(argument, value)) {
      return Fail(*given->second,
                  InvalidArgumentError("argument '{}' of {} must be {}, not {}", argument.name,
                                       function.name, Wanted(argument.accepts), Shown(value)));
    }
    settings[argument.name] = std::move(value);
  }
  return settings;
}

StatusOr<int> Binder::ConvertTo(int node, Kind kind) {
  if (type(node).kind == kind) return node;
  const std::string_view name = kind == Kind::kFloat ? "float" : "string";
  if (type(node).shape == Shape::kList) {
    if (kind != Kind::kFloat || !graph_.nodes_[node].is_constant()) {
      return InvalidArgumentError("a {} does not fit here", type(node).ToString());
    }
    const auto ints = graph_.nodes_[node].constant.ints();
    Node converted;
    converted.constant = Column::List(std::vector<float>(ints.begin(), ints.end()));
    converted.type = converted.constant.type();
    return graph_.Insert(std::move(converted));
  }
  BESSEMER_ASSIGN_OR_RETURN(const Function* function, graph_.functions_->Find(name));
  return MakeCall(*function, {node}, Json::object());
}

Status Binder::Convert(const Syntax& call, const Function& function, const Arguments& arguments,
                       std::vector<int>& values) {
  std::optional<Kind> common;
  for (size_t i = 0; i < values.size(); ++i) {
    const Argument& argument = ValueArgument(function, i);
    const Kind kind = type(values[i]).kind;
    if (!Target(argument.accepts, kind)) {
      return Fail(*arguments.values[i],
                  InvalidArgumentError("argument '{}' of {} must be {}, not {}", argument.name,
                                       function.name, Wanted(argument.accepts),
                                       type(values[i]).ToString()));
    }
    if (!IsSame(argument.accepts)) continue;
    if (!common || *common == kind) {
      common = kind;
    } else if (*common == Kind::kBytes || kind == Kind::kBytes) {
      return Fail(*arguments.values[i],
                  InvalidArgumentError("{} of a {} and a {}; convert one with string(x), int(x) or "
                                       "float(x)",
                                       function.name, KindName(*common), KindName(kind)));
    } else {
      common = Kind::kFloat;
    }
  }
  for (size_t i = 0; i < values.size(); ++i) {
    const Argument& argument = ValueArgument(function, i);
    const Kind kind = IsSame(argument.accepts) ? *common
                                               : *Target(argument.accepts, type(values[i]).kind);
    auto converted = ConvertTo(values[i], kind);
    if (!converted.ok()) return Fail(*arguments.values[i], converted.status());
    values[i] = *converted;
  }
  return OkStatus();
}

StatusOr<int> Binder::MakeCall(const Function& function, std::vector<int> values, Json settings) {
  Node node;
  node.op = Node::Op::kCall;
  node.function = &function;
  node.inputs = std::move(values);
  node.attrs = std::move(settings);
  const CallContext context = graph_.ContextOf(node);
  if (function.infer) {
    BESSEMER_ASSIGN_OR_RETURN(node.type, function.infer(context));
  } else {
    if (function.check) BESSEMER_RETURN_IF_ERROR(function.check(node.attrs));
    Kind kind = function.result.value_or(context.types.empty() ? Kind::kInt
                                                               : context.types.back().kind);
    BESSEMER_ASSIGN_OR_RETURN(node.type, Broadcast(context.types, kind));
    if (function.may_fail) {
      if (node.type.shape != Shape::kRow && node.type.shape != Shape::kScalar) {
        return InvalidArgumentError("{} works on one value a row, not on {}", function.name,
                                    node.type.ToString());
      }
      node.type.optional = node.type.shape == Shape::kRow;
    }
  }
  return graph_.Insert(std::move(node));
}

StatusOr<int> Binder::BindDefinition(const Syntax& call, const Function& function,
                                     const std::vector<int>& values, const Json& settings) {
  if (definition_depth_ > 16) return InternalError("{} is defined by itself", function.name);
  Scope scope;
  size_t next = 0;
  for (const Argument& argument : function.arguments) {
    if (argument.constant) {
      scope[argument.name].constant = settings[argument.name];
    } else {
      scope[argument.name].node = values[next++];
    }
  }
  auto syntax = ParseSyntax(function.definition);
  if (!syntax.ok()) return WithContext(syntax.status(), function.name);
  const Scope* const outer = std::exchange(scope_, &scope);
  ++definition_depth_;
  auto node = Bind(**syntax);
  --definition_depth_;
  scope_ = outer;
  if (!node.ok()) return Fail(call, WithContext(node.status(), function.name));
  return node;
}

StatusOr<int> Binder::BindCall(const Syntax& call) {
  BESSEMER_ASSIGN_OR_RETURN(const Function* function, FindFunction(call));
  BESSEMER_ASSIGN_OR_RETURN(const Arguments arguments, Arrange(call, *function));
  BESSEMER_ASSIGN_OR_RETURN(Json settings, Settings(call, *function, arguments));
  std::vector<int> values;
  for (const Syntax* syntax : arguments.values) {
    BESSEMER_ASSIGN_OR_RETURN(const int value, Bind(*syntax));
    values.push_back(value);
  }
  BESSEMER_RETURN_IF_ERROR(Convert(call, *function, arguments, values));
  if (!function->definition.empty()) {
    if (function->check) {
      if (Status status = function->check(settings); !status.ok()) return Fail(call, status);
    }
    return BindDefinition(call, *function, values, settings);
  }
  auto node = MakeCall(*function, std::move(values), std::move(settings));
  if (!node.ok()) return Fail(call, WithContext(node.status(), function->name));
  return node;
}

}  // namespace bessemer::expression
