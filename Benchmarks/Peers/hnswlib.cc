// hnswlib as a peer. Debian: apt install libhnswlib-dev; g++ -O3 -march=native -std=c++17 hnswlib.cc -o hnswlib -lpthread
#include <hnswlib/hnswlib.h>
#include <memory>
#include "peer.h"

struct HnswlibIndex : peer::Index {
    int m, ef_construction;
    std::unique_ptr<hnswlib::SpaceInterface<float>> space;
    std::unique_ptr<hnswlib::HierarchicalNSW<float>> graph;

    HnswlibIndex(int m, int ef_construction) : m(m), ef_construction(ef_construction) {}

    std::vector<std::string> efforts() const override { return {"10", "16", "24", "32", "48", "64", "96", "128", "192", "256", "400", "800"}; }

    size_t build(const peer::Rows& rows, bool inner_product, int threads) override {
        if (inner_product) space = std::make_unique<hnswlib::InnerProductSpace>(rows.dimensions);
        else space = std::make_unique<hnswlib::L2Space>(rows.dimensions);
        graph = std::make_unique<hnswlib::HierarchicalNSW<float>>(space.get(), rows.count, m, ef_construction);
        graph->addPoint(rows.row(0), 0);
        peer::parallel(rows.count - 1, threads, [&](size_t i) { graph->addPoint(rows.row(i + 1), i + 1); });
        return rows.count * graph->size_data_per_element_;
    }

    void set_effort(const std::string& effort) override { graph->setEf(std::stoi(effort)); }

    void search(const float* query, int k, int32_t* ids) override {
        auto found = graph->searchKnn(query, k);
        for (int i = static_cast<int>(found.size()); i-- > 0; found.pop()) ids[i] = static_cast<int32_t>(found.top().second);
    }
};

int main(int count, char** arguments) {
    int m = count > 1 ? atoi(arguments[1]) : 16, ef_construction = count > 2 ? atoi(arguments[2]) : 200;
    HnswlibIndex index(m, ef_construction);
    return peer::serve("hnswlib-M" + std::to_string(m) + "-efC" + std::to_string(ef_construction), index);
}
