// USearch as a peer; its sources come with the npm package. npm install usearch; U=node_modules/usearch; F="-O3 -DNK_DYNAMIC_DISPATCH=1 -DNK_NATIVE_BF16=0 -DNK_NATIVE_F16=0 -I$U/numkong/include"
// for f in $U/numkong/c/*.c; do gcc $F -c $f; done; g++ $F -march=native -std=c++20 -DUSEARCH_USE_NUMKONG=1 -I$U/include usearch.cc *.o -o usearch -lpthread
#include <usearch/index_dense.hpp>
#include "peer.h"

using namespace unum::usearch;

struct UsearchIndex : peer::Index {
    scalar_kind_t kind;
    index_dense_t index;

    explicit UsearchIndex(scalar_kind_t kind) : kind(kind) {}

    std::vector<std::string> efforts() const override { return {"10", "16", "24", "32", "48", "64", "96", "128", "192", "256", "400", "800"}; }

    size_t build(const peer::Rows& rows, bool inner_product, int threads) override {
        metric_punned_t metric(static_cast<size_t>(rows.dimensions), inner_product ? metric_kind_t::ip_k : metric_kind_t::l2sq_k, kind);
        index = index_dense_t::make(metric, index_dense_config_t(16, 200, 64)).index;
        std::cerr << "usearch's kernels: " << metric.isa_name() << std::endl;
        index.try_reserve(index_limits_t(rows.count, static_cast<size_t>(threads)));
        peer::parallel(rows.count, threads, [&](size_t i) { index.add(i, rows.row(i)); });
        return index.memory_usage();
    }

    void set_effort(const std::string& effort) override { index.change_expansion_search(std::stoul(effort)); }

    void search(const float* query, int k, int32_t* ids) override {
        uint64_t keys[256];
        size_t found = index.search(query, static_cast<size_t>(k)).dump_to(keys);
        for (size_t i = 0; i < found; i++) ids[i] = static_cast<int32_t>(keys[i]);
    }
};

int main(int count, char** arguments) {
    std::string kind = count > 1 ? arguments[1] : "f32";
    UsearchIndex index(kind == "i8" ? scalar_kind_t::i8_k : kind == "f16" ? scalar_kind_t::f16_k : scalar_kind_t::f32_k);
    return peer::serve("usearch-" + kind, index);
}
