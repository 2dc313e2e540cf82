#include "ptx.h"

#include <sstream>

namespace simt {

namespace {

std::string without_comments(const std::string &text) {
	std::string out;
	std::istringstream lines(text);
	for (std::string line; std::getline(lines, line);) out += line.substr(0, line.find("//")) + "\n";
	return out;
}

size_t size_of(const std::string &type) {
	for (auto [suffix, size] : {std::pair("8", 1), {"16", 2}, {"32", 4}, {"64", 8}})
		if (type.size() >= 3 && type.substr(2) == suffix) return size;
	return 0;
}

// Variable is a declaration like ".param .align 4 .b8 name[24]".
struct Variable {
	std::string name;
	Parameter type{0, 1, false};
};

Variable variable(const std::string &text) {
	Variable v;
	std::istringstream words(text);
	size_t alignment = 0, count = 1;
	for (std::string w; words >> w;) {
		if (w == ".ptr") { // says where a pointer points to: .ptr .global .align 4
			for (words >> w; w == ".global" || w == ".shared" || w == ".const" || w == ".local";) words >> w;
			if (w == ".align") words >> w;
		} else if (w == ".align") {
			words >> alignment;
		} else if (size_t n = size_of(w); n > 0 && w[0] == '.') {
			v.type.size = n;
			v.type.real = w[1] == 'f';
		} else if (w[0] != '.') {
			size_t bracket = w.find('[');
			v.name = w.substr(0, bracket);
			if (bracket != std::string::npos) count = strtoul(w.c_str() + bracket + 1, nullptr, 10);
		}
	}
	v.type.alignment = alignment > 0 ? alignment : v.type.size;
	v.type.size *= count;
	return v;
}

// shared adds up the declarations of shared memory in text of which it wants to know.
template <class F> size_t shared(const std::string &text, F wanted) {
	size_t sum = 0;
	for (size_t at = 0; (at = text.find(".shared .align", at)) != std::string::npos; at++) {
		Variable v = variable(text.substr(at, text.find(';', at) - at));
		if (wanted(v.name)) sum += v.type.size;
	}
	return sum;
}

} // namespace

Ptx parse(const std::string &commented, std::string &problem) {
	const std::string text = without_comments(commented);
	Ptx p;
	size_t target = text.find(".target sm_");
	if (text.find(".version") == std::string::npos || target == std::string::npos) {
		problem = "this is not PTX";
		return p;
	}
	p.target = atoi(text.c_str() + target + strlen(".target sm_"));

	struct Range { size_t from, to; };
	std::map<std::string, Range> bodies;
	std::string outside; // of all kernels
	size_t at = 0;
	for (size_t begin; (begin = text.find(".entry ", at)) != std::string::npos;) {
		outside += text.substr(at, begin - at);
		size_t open = text.find('(', begin), close = text.find(')', open), body = text.find('{', close), end = text.find("\n}", body);
		if (end == std::string::npos) {
			problem = "an .entry that does not end";
			return p;
		}
		std::string name = text.substr(begin + strlen(".entry "), open - begin - strlen(".entry "));
		Entry e;
		std::istringstream list(text.substr(open + 1, close - open - 1));
		for (std::string one; std::getline(list, one, ',');)
			if (one.find(".param") != std::string::npos) e.parameters.push_back(variable(one).type);
		size_t most = text.find(".maxntid", close);
		if (most < body) {
			unsigned x = 1, y = 1, z = 1;
			sscanf(text.c_str() + most, ".maxntid %u, %u, %u", &x, &y, &z);
			e.threads = x * y * z;
		}
		p.entries[name] = e;
		bodies[name] = {body, end};
		at = end;
	}
	outside += text.substr(at);
	for (auto &[name, e] : p.entries) {
		std::string body = text.substr(bodies[name].from, bodies[name].to - bodies[name].from);
		auto uses = [&](const std::string &v) { return body.find(v) != std::string::npos; };
		e.shared = shared(body, [](const std::string &) { return true; }) + shared(outside, uses);
	}
	return p;
}

} // namespace simt
